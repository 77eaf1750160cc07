import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopicTable } from '../../../src/core/bus/topic-table.ts'

test('a topic is made once, whatever comes between, and with its name where its bytes are UTF-8', () => {
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

test('the bytes that it was asked with may be overwritten afterwards', () => {
  const table = new TopicTable((_name, bytes) => bytes)
  const asked = Buffer.from('telem')
  const kept = table.find(asked)
  asked.fill('x')
  assert.equal(kept.toString(), 'telem')
  assert.equal(table.find(Buffer.from('telem')), kept)
})

test('of more topics than it keeps it forgets those that were not asked for lately', () => {
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
  assert([...table.values()].length <= 8_192)
})
