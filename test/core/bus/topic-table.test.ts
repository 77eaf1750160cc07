import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopicTable } from '../../../src/core/bus/topic-table.ts'

test('a topic is made once, whatever comes between, and with its name if its bytes are UTF-8', () => {
  const made: (string | undefined)[] = []
  const table = new TopicTable(name => {
    made.push(name)
    return made.length
  })
  const topics = ['telem', 'telen', 'tele', '', 'telem', 'é', 'telem', 'telen', ''].map(name =>
    Buffer.from(name),
  )
  assert.deepEqual(
    topics.map(topic => table.find(topic)),
    [1, 2, 3, 4, 1, 5, 1, 2, 4],
  )
  assert.equal(table.find(Buffer.from([0xc3])), 6)
  assert.deepEqual(made, ['telem', 'telen', 'tele', '', 'é', undefined])
})

test("a lookup's bytes may be overwritten afterwards", () => {
  const table = new TopicTable((_name, bytes) => bytes)
  const asked = Buffer.from('telem')
  const kept = table.find(asked)
  asked.fill('x')
  assert.equal(kept.toString(), 'telem')
  assert.equal(table.find(Buffer.from('telem')), kept)
})

test('a full table forgets the topics that were not used lately', () => {
  let made = 0
  const table = new TopicTable(() => ++made)
  const often = Buffer.from('often')
  for (let i = 0; i < 20_000; i++) {
    table.find(Buffer.from(`${i}`))
    table.find(often)
  }
  assert.equal(made, 20_001)
  table.find(Buffer.from('19999'))
  assert.equal(made, 20_001)
  table.find(Buffer.from('0'))
  assert.equal(made, 20_002)
  assert(table.size <= 8_192)
})

test('the least recently used topic is forgotten first', () => {
  let made = 0
  const table = new TopicTable(() => ++made)
  for (let i = 0; i < 8_192; i++) table.find(Buffer.from(`${i}`))
  table.find(Buffer.from('0'))
  table.find(Buffer.from('one more'))
  assert.equal(table.find(Buffer.from('0')), 1)
  assert.equal(table.find(Buffer.from('2')), 3)
  assert.equal(made, 8_193)
  table.find(Buffer.from('1'))
  assert.equal(made, 8_194)
})

test('a pinned topic stays until it is released, and takes no place from others', () => {
  let made = 0
  const table = new TopicTable(() => ++made)
  const pinned = Array.from({ length: 100 }, (_, i) => Buffer.from(`pinned ${i}`))
  for (const topic of pinned) {
    table.find(topic)
    table.pin(topic)
  }
  for (let i = 0; i < 20_000; i++) table.find(Buffer.from(`${i}`))
  assert.equal(table.size, 8_192 + 100)
  assert.deepEqual(
    pinned.map(topic => table.find(topic)),
    pinned.map((_, i) => i + 1),
  )
  for (const topic of pinned) table.release(topic)
  assert.equal(table.size, 8_192)
  assert.equal(table.find(pinned[99] as Buffer), 100)
  for (let i = 0; i < 20_000; i++) table.find(Buffer.from(`${i}`))
  assert.equal(table.find(pinned[99] as Buffer), made)
})

test('a topic not worth keeping is made, and takes no place', () => {
  const table = new TopicTable(name => name)
  assert.equal(
    table.findIf(Buffer.from('a'), () => false),
    undefined,
  )
  assert.equal(table.size, 0)
  assert.equal(
    table.findIf(Buffer.from('a'), name => name === 'a'),
    'a',
  )
  assert.equal(
    table.findIf(Buffer.from('a'), () => false),
    'a',
  )
  assert.equal(
    table.findIf(Buffer.alloc(2_000, 'a'), () => true),
    undefined,
  )
})
