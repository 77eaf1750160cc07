import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readCdsTime, writeCdsTime } from '../../../src/core/ccsds/cds-time.ts'
import { UsageError } from '../../../src/core/errors.ts'

const ns = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n

function written(time: bigint): string {
  const bytes = Buffer.alloc(8)
  writeCdsTime(bytes, 0, time)
  return bytes.toString('hex')
}

test('known instants have known codes: day, millisecond of the day, microsecond', () => {
  assert.equal(written(ns('1958-01-01T00:00:00Z')), '0000000000000000')
  assert.equal(written(ns('1970-01-01T00:00:00Z')), '111f000000000000')
  assert.equal(written(ns('1970-01-02T00:00:00.001Z') + 999_000n), '11200000000103e7')
  assert.equal(written(ns('2137-06-06T23:59:59.999Z')), 'ffff05265bff0000')
})

test('what is finer than a microsecond is cut off, before 1970 too', () => {
  assert.equal(written(1999n), '111f000000000001')
  assert.equal(written(-1n), '111e05265bff03e7')
})

test('a time that the code cannot hold is refused', () => {
  assert.throws(() => written(ns('1957-12-31T23:59:59.999Z')), UsageError)
  assert.throws(() => written(ns('2137-06-07T00:00:00Z')), /2137-06-06/)
})

test('what cannot be the code is undefined', () => {
  assert.equal(readCdsTime(Buffer.alloc(7), 0), undefined)
  assert.equal(readCdsTime(Buffer.from('0000000000000400', 'hex'), 0), undefined)
  assert.equal(readCdsTime(Buffer.from('0000ffffffff0000', 'hex'), 0), undefined)
})

test('property: reading gives the microsecond that was written', () => {
  const times = fc.bigInt({ min: ns('1958-01-01T00:00:00Z'), max: ns('2137-06-06T00:00:00Z') })
  fc.assert(
    fc.property(times, fc.nat(9), (time, offset) => {
      const bytes = Buffer.alloc(20)
      writeCdsTime(bytes, offset, time)
      const read = readCdsTime(bytes, offset) as bigint
      assert.ok(time - read >= 0n && time - read < 1000n)
      assert.equal(read % 1000n, 0n)
    }),
  )
})
