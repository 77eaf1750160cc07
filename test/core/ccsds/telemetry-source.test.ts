import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCdsTime } from '../../../src/core/ccsds/cds-time.ts'
import { parsePrimaryHeader, sequenceCountOf } from '../../../src/core/ccsds/space-packet.ts'
import { TelemetrySource, hasTelemetryRamp } from '../../../src/core/ccsds/telemetry-source.ts'
import { UsageError } from '../../../src/core/errors.ts'

test('the smallest packet, octet by octet', () => {
  const source = new TelemetrySource({ apid: 42, size: 15, count: 3 })
  assert.equal(source.next(1_000n).toString('hex'), '082ac0030008111f00000000000103')
  assert.equal(source.count, 4)
})

test('every packet has its header, its time and its user data', () => {
  const source = new TelemetrySource({ apid: 2046, size: 1000 })
  for (let i = 0; i < 600; i++) {
    const packet = source.next(BigInt(i) * 1_000_000_000n)
    assert.deepEqual(parsePrimaryHeader(packet), {
      version: 0,
      type: 'TM',
      secondaryHeader: true,
      apid: 2046,
      sequenceFlags: 3,
      sequenceCount: i,
      dataLength: 993,
      length: 1000,
    })
    assert.equal(readCdsTime(packet), BigInt(i) * 1_000_000_000n)
    assert.ok(hasTelemetryRamp(packet))
  }
})

test('the count goes from 16,383 to 0', () => {
  const source = new TelemetrySource({ apid: 1, size: 15, count: 16_383 })
  assert.deepEqual([source.next(0n), source.next(0n)].map(sequenceCountOf), [16_383, 0])
})

test('the largest packet is whole', () => {
  const packet = new TelemetrySource({ apid: 0, size: 65_542 }).next(0n)
  assert.equal(packet.length, 65_542)
  assert.equal(parsePrimaryHeader(packet)?.length, 65_542)
  assert.ok(hasTelemetryRamp(packet))
})

test('one damaged octet of user data, or a cut, is seen', () => {
  const packet = new TelemetrySource({ apid: 0, size: 400, count: 7 }).next(0n)
  for (let i = 14; i < packet.length; i++) {
    const damaged = Buffer.from(packet)
    damaged[i] = (damaged[i] as number) ^ 0x01
    assert.equal(hasTelemetryRamp(damaged), false)
  }
  assert.equal(hasTelemetryRamp(packet.subarray(0, -1)), false)
})

function refused(options: { apid?: number; size?: number; count?: number }, what: RegExp): void {
  assert.throws(
    () => new TelemetrySource({ apid: 1, size: 20, ...options }),
    (error: Error) => error instanceof UsageError && what.test(error.message),
  )
}

test('a value out of range is refused and named', () => {
  refused({ apid: 2047 }, /APID .* 0 to 2046, not 2047/)
  refused({ apid: -1 }, /APID/)
  refused({ apid: 1.5 }, /APID/)
  refused({ size: 14 }, /packet size .* 15 to 65542, not 14/)
  refused({ size: 65_543 }, /packet size/)
  refused({ count: 16_384 }, /sequence count .* 16383/)
})
