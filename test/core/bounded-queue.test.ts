import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { BoundedQueue } from '../../src/core/bounded-queue.ts'

interface Item {
  readonly id: number
  readonly size: number
}

test('a queue that is full drops what is oldest, by messages or by bytes, and nothing else', () => {
  const limits = { messages: 5, bytes: 100 }
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 120 }) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    fc.constant('clear' as const),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), actions => {
      const dropped: Item[] = []
      const queue = new BoundedQueue<Item>(limits, item => dropped.push(item))
      // The same in the plainest way.
      let expected: Item[] = []
      const expectedDrops: Item[] = []
      const bytes = () => expected.reduce((sum, { size }) => sum + size, 0)
      for (const [id, action] of actions.entries()) {
        if (action === 'shift') {
          assert.deepEqual(queue.peek(), expected[0])
          assert.deepEqual(queue.shift(), expected.shift())
        } else if (action === 'clear') {
          assert.deepEqual(queue.clear(), expected)
          expected = []
        } else {
          const item = { id, size: action }
          queue.push(item)
          if (action > limits.bytes) expectedDrops.push(item)
          else {
            expected.push(item)
            while (expected.length > limits.messages || bytes() > limits.bytes)
              expectedDrops.push(...expected.splice(0, 1))
          }
        }
        assert.equal(queue.length, expected.length)
        assert.equal(queue.bytes, bytes())
        assert.equal(queue.fill, Math.max(expected.length / 5, bytes() / 100))
        assert.deepEqual(dropped, expectedDrops)
      }
    }),
  )
})

test('parked items stand aside, come back in front in their order, and are the first to be pushed out', () => {
  const dropped: number[] = []
  const queue = new BoundedQueue<Item>({ messages: 5, bytes: 1_000 }, ({ id }) => dropped.push(id))
  for (let id = 0; id < 4; id++) queue.push({ id, size: 10 })
  queue.park()
  queue.park()
  assert.equal(queue.peek()?.id, 2)
  assert.deepEqual([queue.length, queue.waiting, queue.bytes], [4, 2, 40])
  queue.push({ id: 4, size: 10 })
  queue.push({ id: 5, size: 10 })
  assert.deepEqual(dropped, [0])
  queue.unpark()
  assert.deepEqual([queue.length, queue.waiting, queue.bytes], [5, 5, 50])
  for (const id of [1, 2, 3, 4, 5]) assert.equal(queue.shift()?.id, id)
  assert.equal(queue.bytes, 0)
})

test('a long queue keeps its order and its size', () => {
  const queue = new BoundedQueue<Item>({ messages: 10_000, bytes: 10_000 }, () => assert.fail())
  for (let id = 0; id < 5_000; id++) queue.push({ id, size: 1 })
  for (let id = 0; id < 4_000; id++) assert.equal(queue.shift()?.id, id)
  for (let id = 4_000; id < 4_500; id++) queue.park()
  queue.unpark()
  for (let id = 4_000; id < 5_000; id++) assert.equal(queue.shift()?.id, id)
  assert.equal(queue.shift(), undefined)
  assert.equal(queue.bytes, 0)
})
