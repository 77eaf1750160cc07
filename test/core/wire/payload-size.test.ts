import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import { payloadSize } from '../../../src/core/wire/payload-size.ts'
import { bytesOf } from '../../../src/core/wire/payload.ts'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { runs } from '../../helpers/property.ts'

test('bytes and text have the size of their bytes, in headers of every width', () => {
  for (const length of [0, 1, 31, 32, 255, 256, 65_535, 65_536]) {
    assert.equal(payloadSize(encode(Buffer.alloc(length))), length)
    assert.equal(payloadSize(encode('a'.repeat(length))), length)
  }
  assert.equal(payloadSize(encode('ü')), 2)
})

test('any other frame has its own size', () => {
  for (const payload of [null, 1, 1.5, true, [Buffer.alloc(9)]]) {
    const frame = encode(payload)
    assert.equal(payloadSize(frame), frame.length)
  }
  assert.equal(payloadSize(Buffer.alloc(0)), 0)
})

/** Whether a frame begins as a str of msgpack does. */
const isText = ([format = 0]: Uint8Array) =>
  (format >= 0xa0 && format < 0xc0) || (format >= 0xd9 && format <= 0xdb)

test('of any bytes at all, the size is that of the payload they decode to, or their own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), frame => {
      const payload = decode(frame)
      const bytes = payload === undefined ? undefined : bytesOf(payload)
      const size = payloadSize(frame)
      // Text is not looked at: where it is not UTF-8, its size is still that of its bytes.
      if (payload === undefined && isText(frame)) assert([0, 1, 2, 3, 5].includes(frame.length - size))
      else assert.equal(size, bytes?.length ?? frame.length)
    }),
    runs(2_000),
  )
})
