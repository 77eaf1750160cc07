import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkType } from '../../../src/core/capture/captured-packet.ts'
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts'
import { TelemetrySource } from '../../../src/core/ccsds/telemetry-source.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { collect } from '../../helpers/collector.ts'
import { groundwire } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const source = new TelemetrySource({ apid: 42, size: 50 })
const packets = Array.from({ length: 4 }, (_, i) => source.next(BigInt(i)))
const [first = Buffer.alloc(0)] = packets
const stream = Buffer.concat(packets)

function overrun(): Buffer {
  const bytes = Buffer.from(stream)
  bytes.writeUInt16BE(1000, 100 + 4)
  return bytes
}

function alien(): Buffer {
  const bytes = Buffer.from(stream)
  bytes[50] = 0xe0
  return bytes
}

const writer = new PcapngWriter()
const capture = Buffer.concat([
  writer.sectionHeader(),
  ...packets.map((data, i) =>
    writer.message({ time: BigInt(i), topic: 'telem', data, linkType: LinkType.USER0 }),
  ),
])
const lastBlock = capture.length - (28 + 52 + 4)
const line = '{"topic":"telem","payload":1}\n'

const FAULTS = [
  {
    what: 'a packet that is cut off at the end',
    words: 'telem --split ccsds',
    input: stream.subarray(0, -1),
    sent: 3,
    cause: 'malformed',
    says: 'the last space packet has 49 of 50 bytes, at offset 150',
  },
  {
    what: 'a length field that overruns the input',
    words: 'telem --split ccsds',
    input: overrun(),
    sent: 2,
    cause: 'malformed',
    says: 'the last space packet has 100 of 1007 bytes, at offset 100',
  },
  {
    what: 'a length field that is over --max-message',
    words: 'telem --split ccsds --max-message 1000',
    input: overrun(),
    sent: 2,
    cause: 'oversize',
    says: 'a space packet of 1007 bytes is over the limit of 1000, at offset 100 (raise --max-message)',
  },
  {
    what: 'what is no space packet',
    words: 'telem --split ccsds',
    input: alien(),
    sent: 1,
    cause: 'malformed',
    says: 'a space packet has version 0, not 7, at offset 50',
  },
  {
    what: 'a line over --max-message',
    words: 'telem --split lines --max-message 8',
    input: 'one\ntwo\n123456789\nfour\n',
    sent: 2,
    cause: 'oversize',
    says: 'line 3 is over the limit of 8 bytes, at offset 8 (raise --max-message)',
  },
  {
    what: 'a line that is no JSON',
    words: '- -f json',
    input: `${line}\n${line}{"topic":\n${line}`,
    sent: 2,
    cause: 'malformed',
    says: /line 4: the message is not JSON: .*, at offset 61$/m,
  },
  {
    what: 'a line of JSON that is no message',
    words: '- -f json',
    input: `${line}{"topic":"telem"}`,
    sent: 1,
    cause: 'malformed',
    says: 'line 2: the message has no payload, at offset 30',
  },
  {
    what: 'a message without a topic, where each keeps its own',
    words: '- -f json',
    input: `${line}{"payload":1}`,
    sent: 1,
    cause: 'malformed',
    says: 'line 2: the message has no topic, at offset 30',
  },
  {
    what: 'JSON whose payload is over --max-message',
    words: 'telem -f json --max-message 4',
    input: `${line}{"payload":{"$bytes":"AAAAAAA="}}`,
    sent: 1,
    cause: 'oversize',
    says: 'line 2: a message of 5 bytes is over the limit of 4, at offset 30 (raise --max-message)',
  },
  {
    what: 'a line of JSON that is not UTF-8',
    words: '- -f json',
    input: Buffer.concat([Buffer.from(`${line}{"topic":"`), Buffer.of(0xff), Buffer.from('"}')]),
    sent: 1,
    cause: 'malformed',
    says: 'line 2: the message is not UTF-8, at offset 30',
  },
  {
    what: 'a capture that is cut off',
    words: '- -f pcapng',
    input: capture.subarray(0, -1),
    sent: 3,
    cause: 'malformed',
    says: `the capture ends in the middle of a block, at offset ${lastBlock}`,
  },
  {
    what: 'a capture that is damaged',
    words: 'telem -f pcapng',
    input: Buffer.concat([capture.subarray(0, -4), Buffer.of(1, 2, 3, 4)]),
    sent: 3,
    cause: 'malformed',
    says: `the two lengths of a block differ, at offset ${lastBlock}`,
  },
] as const

test('an input that is damaged, or over a limit: exit 1 with the offset, after all before it', async t => {
  const proxy = await localBus(t)
  for (const { what, words, input, sent, cause, says } of FAULTS) {
    await t.test(what, async t => {
      const folder = temporaryFolder(t)
      const collector = await collect(t, proxy, { topics: ['telem'] })
      const run = groundwire(t, `publish ${words} --ledger ${folder.path('books')}`, {
        env: proxy.env,
        input,
      })
      const { code, stdout, stderr } = await run.exit
      assert.equal(code, 1, stderr)
      assert.equal(stdout.length, 0)
      if (typeof says === 'string') assert(stderr.endsWith(`publish: error: ${says}\n`), stderr)
      else assert.match(stderr, says)
      const ledger = closedLedger(folder.path('books'))
      assert.equal(ledger.sent.messages, sent)
      assert.deepEqual(lossesOf(ledger), { [cause]: 1 })
      await collector.atLeast(sent)
      assert.equal(collector.count, sent)
      if (words.includes('ccsds')) assert(collector.messages[0]?.frame.subarray(2).equals(first))
    })
  }
})

for (const [words, says] of [
  ['telem --file /nowhere', /error: \/nowhere can't be read: ENOENT/],
  ['telem --file /', /error: \/ can't be read: it is a directory/],
] as const) {
  test(`publish ${words}: exit 1 before anything is sent, whether or not there is a proxy`, async t => {
    const { code, stderr } = await groundwire(t, `publish ${words}`).exit
    assert.equal(code, 1)
    assert.match(stderr, says)
  })
}
