import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { TopicSequences } from '../../../src/core/tap/sequences.ts'
import { Statistics } from '../../../src/core/tap/statistics.ts'
import { statisticsTable } from '../../../src/core/tap/statistics-table.ts'
import { TIME, tapped } from '../../helpers/tapped.ts'

function packet(topic: string, sequenceCount: number, apid = 42) {
  const bytes = Buffer.alloc(10)
  writePrimaryHeader(bytes, { apid, sequenceCount, length: 10 })
  return tapped(bytes, { topic, time: TIME + BigInt(sequenceCount) * 500_000_000n })
}

test('the same packets under two topics are no duplicates, and the figures are summed', () => {
  const sequences = new TopicSequences()
  const found = [0, 1, 4].flatMap(count =>
    ['a', 'b'].map(topic => sequences.observe(packet(topic, count))?.kind),
  )
  assert.deepEqual(found, [undefined, undefined, undefined, undefined, 'gap', 'gap'])
  sequences.observe(tapped('text'))
  const { packets, gaps, missing, duplicates, notCcsds, apids, topics } = sequences.toJSON()
  assert.deepEqual(
    { packets, gaps, missing, duplicates, notCcsds },
    { packets: 6, gaps: 2, missing: 4, duplicates: 0, notCcsds: 1 },
  )
  assert.equal(apids['42']?.missing, 4)
  assert.equal(topics['a']?.apids['42']?.missing, 2)
})

test('only the APIDs that are asked for are followed', () => {
  const sequences = new TopicSequences([42])
  for (const count of [0, 9]) sequences.observe(packet('a', count, 43))
  sequences.observe(packet('a', 0))
  assert.deepEqual(Object.keys(sequences.toJSON().apids), ['42'])
})

test('the table of statistics: a row a topic, in columns', () => {
  const sequences = new TopicSequences()
  const statistics = new Statistics()
  const messages = [0, 1, 4].map(count => packet('b\n', count))
  for (const message of [...messages, tapped('x', { topic: 'a' })]) {
    sequences.observe(message)
    statistics.observe(message)
  }
  assert.equal(
    statisticsTable(statistics, sequences),
    [
      'TOPIC  MESSAGES  BYTES  RATE  MIN  MEAN  MAX  CODEC             GAPS     JITTER',
      'a             1      1   0.0    1   1.0    1  msgpack              -          -',
      'b\\x0a         3     30   1.0   10  10.0   10  msgpack  1 (2 missing)  500.000ms',
      '',
    ].join('\n'),
  )
})

test('the topics that have a row are limited, and the rest is summed', () => {
  const statistics = new Statistics()
  for (let i = 0; i < 2000; i++) statistics.observe(tapped('x', { topic: `t${i}` }))
  assert.equal(statistics.topics.length, 1025)
  assert.equal(statistics.topics[0]?.[0], '(others)')
  assert.equal(statistics.topics[0]?.[1].traffic.messages, 2000 - 1024)
})
