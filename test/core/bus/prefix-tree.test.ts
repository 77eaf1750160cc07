import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PrefixTree } from '../../../src/core/bus/prefix-tree.ts'
import { MAX_TOPIC } from '../../../src/core/wire/utf8.ts'

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** Byte strings that share beginnings: from few parts, one of them long, cut off anywhere; from empty to a topic's longest. */
const parts = ['a', 'ab', '\0', '\xff', 'sat1.', 'x'.repeat(MAX_TOPIC / 2)]
const prefix = fc
  .tuple(fc.array(fc.constantFrom(...parts), { maxLength: 6 }), fc.nat(MAX_TOPIC))
  .map(([words, length]) => Buffer.from(words.join('').slice(0, length || MAX_TOPIC), 'latin1'))

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ set: prefix }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ absent: prefix }) },
  { weight: 3, arbitrary: fc.record({ topic: prefix }) },
)

/** The tree, and a plain list of the prefixes that it should have. */
class Pair {
  readonly tree = new PrefixTree<number>()
  readonly list = new Map<string, number>()
  #value = 0

  set(bytes: Buffer): void {
    this.#value += 1
    const place = this.tree.set(bytes, this.#value)
    this.list.set(latin1(bytes), this.#value)
    assert.equal(this.tree.find(bytes), place)
    assert.equal(this.tree.get(place), this.#value)
  }

  delete(bytes: Buffer): void {
    assert.equal(this.tree.delete(bytes), this.list.delete(latin1(bytes)))
    assert.equal(this.tree.has(bytes), false)
  }

  /** Removes one of the present prefixes. */
  remove(number: number): void {
    const keys = [...this.list.keys()]
    const key = keys[number % keys.length]
    if (key !== undefined) this.delete(Buffer.from(key, 'latin1'))
  }

  checkTopic(topic: Buffer): void {
    const found: [string, number][] = []
    this.tree.some(topic, (value, length, place) => {
      assert.equal(this.tree.get(place), value)
      found.push([latin1(topic.subarray(0, length)), value])
      return false
    })
    const expected = [...this.list]
      .filter(([key]) => latin1(topic).startsWith(key))
      .sort(([a], [b]) => a.length - b.length)
    assert.deepEqual(found, expected)
    assert.equal(
      this.tree.some(topic, () => true),
      expected.length > 0,
    )
  }

  checkAll(): void {
    assert.equal(this.tree.size, this.list.size)
    const all = [...this.tree.places()].map(place => [
      latin1(this.tree.prefixAt(place)),
      this.tree.get(place) ?? 0,
    ])
    assert.deepEqual(new Map(all as [string, number][]), this.list)
    // A radix tree has at most one node for each prefix, and one fork less than that.
    assert(this.tree.nodeCount <= 2 * this.list.size + 1)
  }
}

test('after any additions and removals the tree finds the same as a plain list, and is empty in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const pair = new Pair()
      for (const at of steps) {
        if ('set' in at) pair.set(at.set)
        else if ('remove' in at) pair.remove(at.remove)
        else if ('absent' in at) pair.delete(at.absent)
        else pair.checkTopic(at.topic)
      }
      pair.checkAll()
      for (const key of pair.list.keys()) pair.checkTopic(Buffer.from(key, 'latin1'))
      while (pair.list.size > 0) pair.remove(0)
      pair.checkAll()
      assert.equal(pair.tree.nodeCount, 1)
    }),
    { numRuns: 500 },
  )
})

test('a tree of which most has gone finds the rest, and grows again', () => {
  const few = fc.uniqueArray(fc.nat(4_999), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(few, few, (kept, added) => {
      const pair = new Pair()
      for (let i = 0; i < 5_000; i++) pair.set(Buffer.from(`sat${i % 7}.apid.${i}`))
      const keep = new Set(kept.map(i => `sat${i % 7}.apid.${i}`))
      for (const key of pair.list.keys()) if (!keep.has(key)) pair.delete(Buffer.from(key, 'latin1'))
      pair.checkAll()
      for (const i of added) pair.set(Buffer.from(`sat${i}`))
      pair.checkAll()
      for (const key of pair.list.keys()) pair.checkTopic(Buffer.from(`${key}.x`, 'latin1'))
    }),
    { numRuns: 10 },
  )
})

test('a prefix keeps its place while others come and go around it', () => {
  const tree = new PrefixTree<string>()
  const middle = tree.set(Buffer.from('sat1.tlm'), 'middle')
  for (const other of ['', 'sat', 'sat1.tlm.1', 'sat1.tlm.2', 'sat2', 'sat1.t'])
    tree.set(Buffer.from(other), other)
  assert.equal(tree.find(Buffer.from('sat1.tlm')), middle)
  for (const other of ['sat', '', 'sat1.t', 'sat2', 'sat1.tlm.2', 'sat1.tlm.1'])
    assert(tree.delete(Buffer.from(other)))
  assert.equal(tree.find(Buffer.from('sat1.tlm')), middle)
  assert.equal(tree.prefixAt(middle).toString(), 'sat1.tlm')
  assert.equal(tree.nodeCount, 2)
})

test('a walk begins with the shortest prefix, and ends at the first that is accepted', () => {
  const tree = new PrefixTree<string>()
  for (const one of ['a', 'ab', 'abc', 'b']) tree.set(Buffer.from(one), one)
  const seen: string[] = []
  tree.some(Buffer.from('abcd'), value => {
    seen.push(value)
    return value === 'ab'
  })
  assert.deepEqual(seen, ['a', 'ab'])
})

test('prefixes may be removed during iteration over their places', () => {
  const tree = new PrefixTree<number>()
  for (let i = 0; i < 1_000; i++) tree.set(Buffer.from(`${i}`), i)
  for (const place of tree.places()) if ((tree.get(place) ?? 0) % 3 > 0) tree.remove(place)
  const left = [...tree.places()].map(place => tree.get(place) ?? 0).sort((a, b) => a - b)
  assert.deepEqual(
    left,
    Array.from({ length: 334 }, (_, i) => i * 3),
  )
})
