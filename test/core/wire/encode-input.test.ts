import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { DateTime } from '../../../src/core/wire/datetime.ts'
import { encodePayload } from '../../../src/core/wire/encode-payload.ts'
import { bytesOf, kindOf, type PayloadInput } from '../../../src/core/wire/payload.ts'

const roundTrip = (value: PayloadInput) => decode(encodePayload(value, 'msgpack'))

test('a Date is a datetime in UTC', () => {
  assert.deepEqual(
    roundTrip(new Date('2026-11-22T12:34:56.789Z')),
    new DateTime('2026-11-22T12:34:56.789000+00:00'),
  )
})

const BYTES = Uint8Array.of(1, 2, 3, 4)
const SHARED = new SharedArrayBuffer(4)
new Uint8Array(SHARED).set(BYTES)

for (const [name, value] of Object.entries({
  Uint8Array: BYTES,
  ArrayBuffer: BYTES.buffer,
  SharedArrayBuffer: SHARED,
  DataView: new DataView(Uint8Array.of(0, ...BYTES, 0).buffer, 1, 4),
  Int16Array: new Int16Array(BYTES.buffer),
})) {
  test(`${name} is bytes, within other values too, for either codec and for a datagram`, () => {
    assert.deepEqual(Buffer.from(roundTrip(value) as Uint8Array), Buffer.from(BYTES))
    const [inner] = roundTrip([value]) as Uint8Array[]
    assert.deepEqual(Buffer.from(inner ?? []), Buffer.from(BYTES))
    assert.deepEqual(encodePayload(value, 'raw'), Buffer.from(BYTES))
    assert.deepEqual(Buffer.from(bytesOf(value) ?? []), Buffer.from(BYTES))
    assert.equal(kindOf(value), 'bytes')
  })
}

test('an object with toJSON is what that returns, once', () => {
  class Mode {
    toJSON(): unknown {
      return { mode: 'safe', at: new Date(0) }
    }
  }
  const expected = new Map<string, unknown>([
    ['mode', 'safe'],
    ['at', new DateTime('1970-01-01T00:00:00.000000+00:00')],
  ])
  assert.deepEqual(roundTrip({ state: [new Mode()] }), new Map([['state', [expected]]]))
  assert.equal(roundTrip(new URL('tcp://host:1')), 'tcp://host:1')
  const endless: { toJSON(): unknown } = { toJSON: () => endless }
  assert.throws(() => roundTrip(endless), { message: 'cannot encode as msgpack: toJSON is a function' })
})

const f = () => {}
const REFUSED: readonly [unknown, string][] = [
  [f, 'cannot encode a function as msgpack'],
  [{ telemetry: { mode: [0, 1, 2, f] } }, 'cannot encode as msgpack: telemetry.mode[3] is a function'],
  [[[undefined]], 'cannot encode as msgpack: [0][0] is undefined'],
  [{ 'a b': { '[0]': Symbol('x') } }, 'cannot encode as msgpack: ["a b"]["[0]"] is a symbol'],
  [new Map([[7, new Set([1])]]), 'cannot encode as msgpack: [7] is an object of class Set'],
  [new Map([[f, 1]]), 'cannot encode as msgpack: [a key] is a function'],
  [{ count: 2n ** 64n }, 'cannot encode as msgpack: count is an integer over 64 bits'],
  [
    { text: '\ud800' },
    'cannot encode as msgpack: text is text with half of a surrogate pair: it has no UTF-8 form',
  ],
]

for (const [value, message] of REFUSED) {
  test(`what has no form is named by its place: ${message}`, () => {
    assert.throws(() => roundTrip(value as PayloadInput), { code: 'NOT_ENCODABLE', message })
  })
}

test('a path that is long is shown by its end', () => {
  let value: unknown = f
  for (let i = 0; i < 90; i++) value = { [`level${i}`]: value }
  assert.throws(
    () => roundTrip(value as PayloadInput),
    ({ message }: Error) => message.length < 300,
  )
})
