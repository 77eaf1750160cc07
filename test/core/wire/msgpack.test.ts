import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroundwireError } from '../../../src/core/errors.ts'
import { DateTime } from '../../../src/core/wire/datetime.ts'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { encode, encodeBin } from '../../../src/core/wire/msgpack-encode.ts'
import { Extension, Float64, MAX_DEPTH, Tuple, type Payload } from '../../../src/core/wire/payload.ts'
import { vectorPayload, wireVectors } from '../../helpers/wire-vectors.ts'

function decodeHex(hex: string): Payload | undefined {
  return decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

for (const { name, value, msgpack } of wireVectors()) {
  if (msgpack === undefined) continue
  test(`vector ${name}: the frame is its value, and the value its frame`, () => {
    const payload = vectorPayload(value)
    assert.deepEqual(decodeHex(msgpack), payload)
    assert.equal(encode(payload).toString('hex'), msgpack)
  })
}

test('bytes decode to a view on the frame, at every width of the length', () => {
  for (const length of [0, 1, 255, 256, 65_535, 65_536]) {
    const bytes = Buffer.alloc(length, 7)
    const frame = encodeBin(bytes)
    const decoded = decode(frame)
    assert.ok(decoded instanceof Uint8Array)
    assert.deepEqual(decoded, bytes)
    assert.equal(decoded.buffer, frame.buffer)
  }
})

test('bytes in a longer header than they need are bytes all the same', () => {
  assert.deepEqual(decodeHex('c5 0001 2a'), Buffer.from([42]))
  assert.deepEqual(decodeHex('c6 00000001 2a'), Buffer.from([42]))
})

test('formats that Python does not choose are read: float32, ints wider than they need', () => {
  assert.equal(decodeHex('ca 3fc00000'), 1.5)
  assert.deepEqual(decodeHex('ca 3f800000'), new Float64(1))
  assert.equal(decodeHex('cf 0000000000000001'), 1)
  assert.equal(decodeHex('d3 ffffffffffffffff'), -1)
  assert.deepEqual(decodeHex('dd 00000001 dc 0000'), [[]])
  assert.deepEqual(decodeHex('df 00000001 c0 de 0000'), new Map([[null, new Map()]]))
})

test('an extension of an unknown type is kept as its code and its bytes', () => {
  for (const length of [0, 1, 2, 3, 4, 8, 16, 17, 255, 256, 65_536]) {
    const extension = new Extension(-1, Buffer.alloc(length, 3))
    assert.deepEqual(decode(encode([extension])), [extension])
  }
  assert.equal(encode(new Extension(5, Buffer.from([9]))).toString('hex'), 'd40509')
})

const undecodable: [why: string, hex: string][] = [
  ['nothing', ''],
  ['a byte left over', 'c0 c0'],
  ['a byte left over after a bin', 'c4 01 ff ff'],
  ['a bin that is cut', 'c4 02 ff'],
  ['a bin header that is cut', 'c6 0000'],
  ['the format that is never used', 'c1'],
  ['an array of four billion', 'dd ffffffff'],
  ['an array of four billion with one item', 'dd ffffffff 00'],
  ['a map of four billion', 'df ffffffff 00 00'],
  ['a str of four billion', 'db ffffffff 00'],
  ['an ext of four billion', 'c9 ffffffff 05 00'],
  ['a map without its last value', '82 00 00 00'],
  ['an int that is cut', 'cf 00'],
  ['a float that is cut', 'cb 00'],
  ['text that is not UTF-8', 'a2 c328'],
  ['text with a surrogate in it', 'a3 eda080'],
  ['a key that is not UTF-8', '81 a1ff 00'],
  ['an ext without its type', 'd4'],
  ['a tuple that is no array', 'd4 01 00'],
  ['a tuple that is empty', 'c7 00 01'],
  ['a tuple longer than its array', 'd5 01 90 90'],
  ['a tuple whose array ends after it', '92 d4 01 91 00'],
  ['a datetime with a Z', encodeHex(0x02, '2026-11-22T12:34:56.789012Z')],
  ['a datetime of a day that is not', encodeHex(0x02, '2026-02-29T12:34:56.789012')],
  ['a malformed datetime', encodeHex(0x02, 'now')],
]

function encodeHex(code: number, body: string): string {
  return Buffer.concat([Buffer.from([0xc7, body.length, code]), Buffer.from(body)]).toString('hex')
}

for (const [why, hex] of undecodable) {
  test(`cannot be decoded: ${why}`, () => assert.equal(decodeHex(hex), undefined))
}

test('nesting is read and written to 100 levels, and not to 101', () => {
  const nests: ((inner: Payload) => Payload)[] = [
    inner => [inner],
    inner => new Tuple([inner]),
    inner => new Map([['k', inner]]),
  ]
  for (const nest of nests) {
    let value: Payload = 1
    for (let depth = 0; depth < MAX_DEPTH; depth++) value = nest(value)
    assert.deepEqual(decode(encode(value)), value)
    const tooDeep = nest(value)
    assert.throws(() => encode(tooDeep), { code: 'NOT_ENCODABLE', message: /nested over 100 levels/ })
  }
  assert.equal(decode(Buffer.concat([Buffer.alloc(101, 0x91), Buffer.from([1])])), undefined)
  assert.equal(decode(Buffer.alloc(1_000_000, 0x91)), undefined)
})

test('a plain object is a map with text keys', () => {
  assert.deepEqual(
    encode({ b: 1, a: [2] }),
    encode(
      new Map<Payload, Payload>([
        ['b', 1],
        ['a', [2]],
      ]),
    ),
  )
})

test('numbers keep to the form that their value asks for', () => {
  assert.equal(encode(-0).toString('hex'), 'cb8000000000000000')
  assert.equal(encode(5n).toString('hex'), '05')
  assert.equal(encode(2 ** 53).toString('hex'), 'cb4340000000000000')
  assert.equal(encode(Number.NaN).toString('hex'), 'cb7ff8000000000000')
})

test('what msgpack has no form for is refused, and named', () => {
  const refused: [unknown, RegExp][] = [
    [undefined, /encode undefined as/],
    [[() => 0], /\[0\] is a function$/],
    [new Date(Number.NaN), /a Date that is no time/],
    [new Date(Date.UTC(10_000, 0)), /beyond the years 1 to 9999/],
    [{ at: [/x/] }, /as msgpack: at\[0\] is an object of class RegExp$/],
    [2n ** 64n, /integer over 64 bits/],
    [-(2n ** 63n) - 1n, /integer over 64 bits/],
    ['\ud800', /surrogate/],
    [{ key: undefined }, /: key is undefined$/],
  ]
  for (const [value, message] of refused) {
    assert.throws(
      () => encode(value as Payload),
      (error: unknown) => {
        assert.ok(error instanceof GroundwireError)
        assert.equal(error.code, 'NOT_ENCODABLE')
        assert.match(error.message, message)
        return true
      },
    )
  }
})

test('a datetime keeps its text, and gives its instant as a Date', () => {
  const instant = new DateTime('2026-11-22T14:34:56.789012+02:00')
  assert.equal(instant.toDate().toISOString(), '2026-11-22T12:34:56.789Z')
  assert.equal(new DateTime('0001-01-01').toDate().toISOString(), '0001-01-01T00:00:00.000Z')
  assert.equal(DateTime.fromDate(instant.toDate()).iso, '2026-11-22T12:34:56.789000+00:00')
  assert.throws(() => new DateTime('2026-11-22T12:34:56Z'), { code: 'USAGE' })
})
