import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketSplitter } from '../../../src/core/framing/packet-splitter.ts'
import { parsePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { encodePayload } from '../../../src/core/wire/encode-payload.ts'
import { Tuple } from '../../../src/core/wire/payload.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { ready } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { tool } from '../../helpers/peers.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { sharedFile, TELEMETRY } from '../../helpers/shared.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const CCSDS = 'uat:user_dlts:"User 0 (DLT=147)","ccsds","0","","0",""'

test("tshark reads a tap's pcapng of the recorded telemetry: packets, times, topics, APIDs and sequence counts", async t => {
  const tshark = tool('tshark')
  const files = TELEMETRY.map(({ file }) => sharedFile(file))
  if (!tshark || files.includes(undefined)) return t.skip('tshark or the shared telemetry is not here')
  const packets = files.flatMap((bytes, i) =>
    [...new PacketSplitter().push(bytes ?? Buffer.alloc(0))].map(packet => ({
      topic: `file ${i} é`,
      packet,
    })),
  )
  const bus = await localBus(t)
  const file = temporaryFolder(t).path('pass.pcapng')
  const tap = await ready(t, bus, ['tap', '-f', 'pcapng', '-o', file, '-c', String(packets.length + 1)])
  const publisher = await heardPublisher(t, bus, 'x')
  const from = BigInt(Date.now()) * 1_000_000n
  for (const { topic, packet } of packets) publisher.publish(packet, topic)
  const tuple = new Tuple([7, Buffer.from('a handler publishes this')])
  publisher.publish(tuple, 'handler')
  assert.equal((await tap.exit).code, 0)
  const to = BigInt(Date.now() + 1) * 1_000_000n

  const fields = ['frame.time_epoch', 'frame.interface_name', 'ccsds.apid', 'ccsds.seqnum', 'ccsds.length']
  const options = ['-o', CCSDS, '-r', file, '-T', 'fields']
  const rows = tshark
    .run(...options, ...fields.flatMap(field => ['-e', field]))
    .split('\n')
    .slice(0, -1)
    .map(row => row.split('\t'))
  const times = rows.map(([time = '']) => BigInt(time.replace('.', '')))
  for (const [i, time] of times.entries())
    assert(time >= (times[i - 1] ?? from) && time <= to, `the time of packet ${i}`)
  const expected = packets.map(({ topic, packet }) => {
    const header = parsePrimaryHeader(packet)
    return [topic, String(header?.apid), String(header?.sequenceCount), String(header?.dataLength)]
  })
  const shown = rows.map(([, ...row]) => row)
  assert.deepEqual(shown.slice(0, -1), expected)
  assert.deepEqual(shown.at(-1), ['handler', '', '', ''])
  const frames = tshark.run('-r', file, '-T', 'fields', '-e', 'frame.len').split('\n')
  assert.equal(frames[packets.length], String(encodePayload(tuple, 'msgpack').length))
})

for (const { file, packets: total, apid, size } of TELEMETRY) {
  test(`gaps in ${file} are told where they occur, and in the ledger`, async t => {
    const bytes = sharedFile(file)
    if (!bytes) return t.skip('the shared telemetry is not here')
    const packets = [...new PacketSplitter().push(bytes)].filter((_, i) => i < 100 || i > 102)
    const bus = await localBus(t)
    const books = temporaryFolder(t).path('tap.json')
    const words = `tap x --ccsds -c ${packets.length} --ledger ${books} --expect apid=${apid} --expect size=${size}`
    const tap = await ready(t, bus, `${words} --expect no-gaps`)
    const publisher = await heardPublisher(t, bus, 'x')
    for (const packet of packets) publisher.publish(packet)
    const { code, stdout, stderr } = await tap.exit
    assert.equal(code, 4)
    assert.match(stderr, new RegExp(`expected no-gaps, saw 1 gaps with 3 missing in ${total - 3} packets\n$`))
    assert(!stderr.includes('expected apid') && !stderr.includes('expected size'))
    const lines = stdout.toString().split('\n').slice(0, -1)
    assert.equal(lines.length, packets.length)
    const told = lines.flatMap((line, i) =>
      line.includes('missing before count') ? [[i, line] as const] : [],
    )
    assert.equal(told.length, 1)
    assert.equal(told[0]?.[0], 100)
    assert.match(
      told[0]?.[1] ?? '',
      new RegExp(`\\[TM APID ${apid} count \\d+ unsegmented, length ${size - 7} agrees; 3 missing`),
    )
    const { gaps, missing, packets: seen } = closedLedger(books).ccsds ?? assert.fail('no account')
    assert.deepEqual({ gaps, missing, seen }, { gaps: 1, missing: 3, seen: total - 3 })
  })
}

test('where the output has no place for a gap, standard error has', async t => {
  const bytes = sharedFile(TELEMETRY[0].file)
  if (!bytes) return t.skip('the shared telemetry is not here')
  const packets = [...new PacketSplitter().push(bytes)]
  const bus = await localBus(t)
  const tap = await ready(t, bus, 'tap x --ccsds -f raw -c 3 --fail-on-loss')
  const publisher = await heardPublisher(t, bus, 'x')
  for (const i of [0, 1, 5]) publisher.publish(packets[i] ?? Buffer.alloc(0))
  const { code, stdout, stderr } = await tap.exit
  assert.equal(code, 6)
  assert.deepEqual(stdout, Buffer.concat([0, 1, 5].map(i => packets[i] ?? Buffer.alloc(0))))
  assert.match(stderr, /warning: x, APID 1216: 3 missing before count \d+/)
})

test('--stats: a table at the end on standard output, a line a second on standard error', async t => {
  const bus = await localBus(t)
  const tap = await ready(t, bus, 'tap --prefix a --stats')
  const publisher = await heardPublisher(t, bus, 'a')
  for (const text of ['x', 'xyz']) publisher.publish(text, 'a1')
  publisher.publish(Buffer.from('no msgpack'), 'a2')
  await tap.untilStderr(/: 3 messages, [\d.]+ a second, \d+ bytes a second\n/)
  const { code, stdout } = await tap.stop()
  assert.equal(code, 0)
  const rows = stdout
    .toString()
    .split('\n')
    .map(line => line.split(/ +/))
  assert.deepEqual(rows[0], 'TOPIC MESSAGES BYTES RATE MIN MEAN MAX CODEC GAPS JITTER'.split(' '))
  assert.deepEqual(
    rows[1]?.filter((_, i) => i !== 3),
    ['a1', '2', '4', '1', '2.0', '3', 'msgpack', '-', '-'],
  )
  assert.deepEqual(rows[2], ['a2', '1', '10', '0.0', '10', '10.0', '10', 'msgpack', '-', '-'])
  assert.equal(rows.length, 4)
})
