import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PacketSplitter } from '../../../src/core/framing/packet-splitter.ts'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { FormatError, UsageError } from '../../../src/core/errors.ts'
import { cut, parseAll, places } from '../../helpers/chunks.ts'
import { TELEMETRY, sharedFile } from '../../helpers/shared.ts'

function packetOf(length: number, sequenceCount: number): Buffer {
  const packet = Buffer.alloc(length, sequenceCount)
  writePrimaryHeader(packet, { apid: 5, sequenceCount, length })
  return packet
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function split(chunks: Uint8Array[], maxMessage?: number) {
  const splitter = new PacketSplitter(maxMessage === undefined ? {} : { maxMessage })
  const { items, error } = parseAll(splitter, chunks)
  if (error !== undefined && !(error instanceof FormatError)) throw error
  return { packets: items, error, splitter }
}

test('property: the same packets, however the stream is cut', () => {
  const lengths = fc.array(fc.oneof(fc.integer({ min: 7, max: 40 }), fc.integer({ min: 7, max: 3000 })))
  fc.assert(
    fc.property(lengths, places, (sizes, at) => {
      const packets = sizes.map(packetOf)
      const result = split(cut(Buffer.concat(packets), at))
      assert.equal(result.error, undefined)
      assert.deepEqual(result.packets.map(hex), packets.map(hex))
    }),
  )
})

test('a packet within a chunk is a view of it, one that crosses chunks is not', () => {
  const stream = Buffer.concat([packetOf(10, 1), packetOf(10, 2), packetOf(10, 3)])
  const { packets } = split([stream.subarray(0, 25), Buffer.from(stream.subarray(25))])
  assert.equal(packets[0]?.buffer, stream.buffer)
  assert.equal(packets[1]?.buffer, stream.buffer)
  assert.notEqual(packets[2]?.buffer, stream.buffer)
})

test('packets that were not drawn come with the next push', () => {
  const splitter = new PacketSplitter()
  for (const packet of splitter.push(Buffer.concat([packetOf(9, 1), packetOf(9, 2), packetOf(9, 3)]))) {
    assert.deepEqual(packet, packetOf(9, 1))
    break
  }
  assert.deepEqual(
    Array.from(splitter.push(packetOf(9, 4)), hex),
    [2, 3, 4].map(count => hex(packetOf(9, count))),
  )
  splitter.end()
})

test('a partial packet at the end is an error that says where it starts', () => {
  const stream = Buffer.concat([packetOf(100, 1), packetOf(50, 2)])
  const { packets, error } = split([stream.subarray(0, -1)])
  assert.equal(packets.length, 1)
  assert.equal(error?.code, 'TRUNCATED')
  assert.equal(error?.offset, 100)
  assert.match(error?.message ?? '', /49 of 50 bytes, at offset 100$/)
  assert.match(split([stream.subarray(0, 103)]).error?.message ?? '', /3 of at least 7 bytes, at offset 100/)
})

test('a length field over the limit, or another version, ends it after all that came before', () => {
  const stream = Buffer.concat([packetOf(20, 1), packetOf(21, 2), packetOf(20, 3)])
  const over = split([stream], 20)
  assert.equal(over.packets.length, 1)
  assert.equal(over.error?.code, 'OVERSIZE')
  assert.equal(over.error?.offset, 20)
  assert.throws(() => [...over.splitter.push(packetOf(7, 1))], over.error)
  assert.throws(() => over.splitter.end(), over.error)

  stream[20] = 0xe0
  const alien = split([stream])
  assert.equal(alien.packets.length, 1)
  assert.equal(alien.error?.code, 'MALFORMED')
  assert.equal(alien.error?.offset, 20)
})

test('a limit that no packet fits is refused', () => {
  assert.throws(() => new PacketSplitter({ maxMessage: 6 }), UsageError)
  assert.throws(() => new PacketSplitter({ maxMessage: Number.NaN }), UsageError)
})

test('property: any bytes are split or refused, and every byte is accounted for', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), places, (bytes, at) => {
      const { packets, error } = split(cut(bytes, at), 300)
      const given = packets.reduce((sum, packet) => sum + packet.length, 0)
      assert.equal(given, error ? error.offset : bytes.length)
    }),
  )
})

for (const { file, packets: count, size } of TELEMETRY) {
  test(`${file} is split into its packets`, t => {
    const bytes = sharedFile(file)
    if (!bytes) return t.skip('the shared telemetry is not here')
    const { packets, error } = split(cut(bytes, [1, 77, 4096, 65_536]))
    assert.equal(error, undefined)
    assert.equal(packets.length, count)
    assert.ok(packets.every(packet => packet.length === size))
    assert.ok(Buffer.concat(packets).equals(bytes))
  })
}
