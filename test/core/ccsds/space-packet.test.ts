import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  apidOf,
  isSpacePacket,
  packetLengthOf,
  parsePrimaryHeader,
  sequenceCountOf,
  writePrimaryHeader,
} from '../../../src/core/ccsds/space-packet.ts'
import { TELEMETRY, sharedFile } from '../../helpers/shared.ts'

test('a header of recorded telemetry is read as its documentation says', () => {
  assert.deepEqual(parsePrimaryHeader(Buffer.from('0cc0e735009d00', 'hex')), {
    version: 0,
    type: 'TM',
    secondaryHeader: true,
    apid: 1216,
    sequenceFlags: 3,
    sequenceCount: 0x2735,
    dataLength: 157,
    length: 164,
  })
})

test('each bit of the header lands in its own field', () => {
  const telecommand = parsePrimaryHeader(Buffer.from('17ff4001ffff00', 'hex'))
  assert.deepEqual(telecommand, {
    version: 0,
    type: 'TC',
    secondaryHeader: false,
    apid: 2047,
    sequenceFlags: 1,
    sequenceCount: 1,
    dataLength: 65_535,
    length: 65_542,
  })
})

test('under seven bytes, or another version, is no space packet', () => {
  assert.equal(parsePrimaryHeader(Buffer.from('0801c568002c', 'hex')), undefined)
  assert.equal(parsePrimaryHeader(Buffer.alloc(0)), undefined)
  for (let version = 1; version < 8; version++) {
    const bytes = Buffer.alloc(7)
    bytes[0] = version << 5
    assert.equal(parsePrimaryHeader(bytes), undefined, `version ${version}`)
    assert.equal(isSpacePacket(bytes), false)
  }
})

test('property: what is written is what is read, by the parser and by the accessors', () => {
  const fields = fc.record({
    type: fc.constantFrom('TM' as const, 'TC' as const),
    secondaryHeader: fc.boolean(),
    apid: fc.nat(2047),
    sequenceFlags: fc.nat(3),
    sequenceCount: fc.nat(16_383),
    length: fc.integer({ min: 7, max: 65_542 }),
  })
  fc.assert(
    fc.property(fields, written => {
      const packet = Buffer.alloc(7, 0xff)
      writePrimaryHeader(packet, written)
      assert.deepEqual(parsePrimaryHeader(packet), { version: 0, ...written, dataLength: written.length - 7 })
      assert.equal(apidOf(packet), written.apid)
      assert.equal(sequenceCountOf(packet), written.sequenceCount)
      assert.equal(packetLengthOf(packet), written.length)
      assert.equal(packet[6], 0xff, 'the packet data field is not touched')
    }),
  )
})

for (const { file, packets, size, apid } of TELEMETRY) {
  test(`${file}: every header has the documented APID and size, and the next count`, t => {
    const bytes = sharedFile(file)
    if (!bytes) return t.skip('the shared telemetry is not here')
    assert.equal(bytes.length, packets * size)
    const first = sequenceCountOf(bytes)
    for (let i = 0; i < packets; i++) {
      const header = parsePrimaryHeader(bytes.subarray(i * size))
      assert.equal(header?.apid, apid)
      assert.equal(header?.length, size)
      assert.equal(header?.sequenceCount, (first + i) % 16_384)
    }
  })
}
