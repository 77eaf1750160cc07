import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeFrame, decodePayload } from '../../../src/core/wire/codec.ts'
import { encodePayload } from '../../../src/core/wire/encode-payload.ts'
import { DateTime } from '../../../src/core/wire/datetime.ts'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import {
  bytesOf,
  Extension,
  Float64,
  kindOf,
  Tuple,
  unwrap,
  type Payload,
} from '../../../src/core/wire/payload.ts'
import { arbitraryPayload } from '../../helpers/arbitrary-payload.ts'
import { runs } from '../../helpers/property.ts'

const bytes = Buffer.from('bytes')

test('any payload survives its frame', () => {
  fc.assert(
    fc.property(arbitraryPayload, payload => assert.deepEqual(decode(encode(payload)), payload)),
    runs(1_000),
  )
})

test('bytes and text have bytes; nothing else does', () => {
  assert.equal(bytesOf(bytes), bytes)
  assert.deepEqual(bytesOf('Δv'), Buffer.from('Δv'))
  for (const payload of [null, 1, [bytes], new Tuple([1, bytes]), new Map()]) {
    assert.equal(bytesOf(payload), undefined)
  }
})

test('unwrap gives the bytes of (uid, bytes), and of nothing else', () => {
  assert.equal(unwrap(new Tuple([7, bytes])), bytes)
  assert.equal(unwrap(new Tuple([2n ** 60n, bytes])), bytes)
  const others: Payload[] = [
    bytes,
    [7, bytes],
    new Tuple([7]),
    new Tuple([7, 'text']),
    new Tuple(['7', bytes]),
  ]
  for (const payload of others) assert.equal(unwrap(payload), undefined)
})

test('raw writes bytes as they are and text as UTF-8, and refuses all else by name', () => {
  assert.deepEqual(encodePayload(bytes, 'raw'), bytes)
  assert.deepEqual(encodePayload(new Uint8Array([1, 2]).subarray(1), 'raw'), Buffer.from([2]))
  assert.deepEqual(encodePayload('✓', 'raw'), Buffer.from('✓'))
  const refused: [Parameters<typeof encodePayload>[0], RegExp][] = [
    [1, /type integer as raw/],
    [null, /type null as raw/],
    [new Tuple([7, bytes]), /type tuple as raw/],
    [{}, /type map as raw/],
  ]
  for (const [payload, message] of refused) {
    assert.throws(() => encodePayload(payload, 'raw'), { code: 'NOT_ENCODABLE', message })
  }
})

test('every kind of payload has a word for it', () => {
  const kinds: [Parameters<typeof kindOf>[0], string][] = [
    [null, 'null'],
    [true, 'boolean'],
    [1, 'integer'],
    [1n, 'integer'],
    [1.5, 'float'],
    [new Float64(1), 'float'],
    ['', 'text'],
    [bytes, 'bytes'],
    [[], 'list'],
    [new Map(), 'map'],
    [{}, 'map'],
    [Object.create(null) as object as {}, 'map'],
    [new Tuple([]), 'tuple'],
    [new DateTime('2026-11-22'), 'datetime'],
    [new Extension(3, bytes), 'extension'],
    [undefined, 'undefined'],
  ]
  for (const [payload, kind] of kinds) assert.equal(kindOf(payload), kind)
})

test('an extension has a code that AIT has not taken', () => {
  for (const code of [1, 2, 128, -129, 0.5])
    assert.throws(() => new Extension(code, bytes), { code: 'USAGE' })
})

test('a frame is read as asked, and what is not so is bytes, with the problem named', () => {
  const frame = encode('text')
  assert.deepEqual(decodeFrame(frame, 'auto'), { codec: 'msgpack', payload: 'text' })
  assert.deepEqual(decodeFrame(frame, 'raw'), { codec: 'raw', payload: frame })
  assert.deepEqual(decodeFrame(bytes, 'auto'), { codec: 'raw', payload: bytes })
  assert.deepEqual(decodeFrame(bytes, 'msgpack'), { codec: 'raw', payload: bytes, problem: 'not msgpack' })
  assert.deepEqual(decodeFrame(bytes, 'pickle'), {
    codec: 'raw',
    payload: bytes,
    problem: 'unreadable pickle',
  })
  for (const how of ['auto', 'msgpack', 'pickle', 'raw'] as const) {
    assert.deepEqual(decodePayload(bytes, how), bytes)
    assert.deepEqual(decodePayload(frame, how), decodeFrame(frame, how).payload)
  }
})

test('null, false, 0 and empty bytes are payloads, and not a failure to decode', () => {
  for (const payload of [null, false, 0, '', Buffer.alloc(0)]) {
    assert.deepEqual(decodeFrame(encode(payload), 'auto'), { codec: 'msgpack', payload })
    assert.deepEqual(decodePayload(encode(payload), 'auto'), payload)
  }
})
