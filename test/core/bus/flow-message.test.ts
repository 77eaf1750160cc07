import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeFlow, encodeMark, encodeWait } from '../../../src/core/bus/flow-message.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import { runs } from '../../helpers/property.ts'

test('a mark and a wait are read as they were written', () => {
  const wait = fc.record({
    peer: fc.string({ maxLength: 60 }),
    bytes: fc.maxSafeNat(),
    idleMs: fc.maxSafeNat(),
    isPassedOver: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.maxSafeNat(), wait, (mark, wait) => {
      assert.equal(decodeFlow(encodeMark(mark)), mark)
      assert.deepEqual(decodeFlow(encodeWait(wait)), { ...wait })
    }),
    runs(200),
  )
})

test('any other frame is neither', () => {
  const others = [
    [],
    [-1],
    [1.5],
    ['1'],
    [2 ** 60],
    ['peer', 1, 2],
    ['peer', 1, 2, 0],
    ['peer', -1, 2, true],
    ['peer', 1, 0.5, true],
    ['p'.repeat(257), 1, 2, true],
    [1, 1, 2, true],
    5,
    'text',
  ]
  for (const value of others) assert.equal(decodeFlow(encode(value)), undefined, JSON.stringify(value))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const message = decodeFlow(bytes)
      const again =
        typeof message === 'object'
          ? encodeWait(message)
          : message === undefined
            ? undefined
            : encodeMark(message)
      if (again !== undefined) assert.deepEqual(decodeFlow(again), message)
    }),
    runs(500),
  )
})
