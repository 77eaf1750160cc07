import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import type { Pacer } from '../../../src/core/pacing/pacer.ts'
import { captureParser } from '../../../src/core/publish/capture-parser.ts'
import { Encoder, type MessageParser, type Outgoing } from '../../../src/core/publish/outgoing.ts'
import { jsonParser, payloadParser } from '../../../src/core/publish/parsers.ts'
import { Publication } from '../../../src/core/publish/publication.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { collect } from '../../helpers/collector.ts'

const T1 = 1_764_000_000_123_456_789n
const T2 = T1 + 1_500_000_001n

const options = { keepTopics: true, recode: false, onSkip: (reason: string) => assert.fail(reason) }
const encoder = new Encoder({ maxMessage: 1000 })

function parsed(parser: MessageParser, input: Buffer): Outgoing[] {
  return [...parser.push(input), ...parser.end()]
}

test('a message of a capture has the time of its packet, and none where that has none', () => {
  const writer = new PcapngWriter()
  const packets = [T1, T2, 0n].map(time =>
    writer.message({ time, topic: 'telem', data: Buffer.from('x'), linkType: LinkType.USER0 }),
  )
  const messages = parsed(
    captureParser(encoder, options),
    Buffer.concat([writer.sectionHeader(), ...packets]),
  )
  assert.deepEqual(
    messages.map(({ topic, time }) => [topic, time]),
    [
      ['telem', T1],
      ['telem', T2],
      ['telem', undefined],
    ],
  )
})

test('a message of JSON has the time of its line, and none where that has none', () => {
  const lines = [
    '{"time":"2025-11-24T16:00:00.123456789Z","topic":"a","payload":1}',
    '{"topic":"b","payload":{"$bytes":"AA=="}}',
  ]
  const messages = parsed(jsonParser(encoder, options), Buffer.from(lines.join('\n')))
  assert.deepEqual(
    messages.map(({ topic, time }) => [topic, time]),
    [
      ['a', T1],
      ['b', undefined],
    ],
  )
})

test('a message of a plain stream has no time', () => {
  const messages = parsed(payloadParser('lines', encoder), Buffer.from('a\nb'))
  assert.deepEqual(
    messages.map(({ time }) => time),
    [undefined, undefined],
  )
})

test('a publication lets each message go when its pacer says, by its own time', {
  timeout: 30_000,
}, async t => {
  const bus = await localBus(t)
  const collector = await collect(t, bus, { topics: ['telem'] })
  const asked: (bigint | undefined)[] = []
  let release: (() => void) | undefined
  const pacer: Pacer = {
    next(time) {
      asked.push(time)
      return time === T2 ? new Promise(resolve => (release = resolve)) : undefined
    },
  }
  const role = new Publication({ name: 'telem', xsub: bus.xsub, wait: 20_000, pacer })
  t.after(() => role.close())
  await role.start()
  const messages = [T1, undefined, T2].map(time => encoder.bytes(Buffer.from('x'), { time }))
  async function* batches() {
    yield messages
  }
  const run = role.run(batches())
  await collector.atLeast(2)
  assert.deepEqual(asked, [T1, undefined, T2])
  assert.equal(role.ledger.received.messages, 2)
  release?.()
  await run
  await collector.atLeast(3)
})
