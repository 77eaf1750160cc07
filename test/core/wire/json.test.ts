import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { UsageError } from '../../../src/core/errors.ts'
import { decodeFrame, type CodecName } from '../../../src/core/wire/codec.ts'
import { encodePayload } from '../../../src/core/wire/encode-payload.ts'
import { DateTime } from '../../../src/core/wire/datetime.ts'
import { formatMessage, parseMessage } from '../../../src/core/wire/json.ts'
import { payloadFromJson } from '../../../src/core/wire/payload-from-json.ts'
import { payloadToJson } from '../../../src/core/wire/json-payload.ts'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import { Extension, Float64, MAX_DEPTH, Tuple, type Payload } from '../../../src/core/wire/payload.ts'
import { arbitraryPayload } from '../../helpers/arbitrary-payload.ts'
import { wireVectors } from '../../helpers/wire-vectors.ts'
import { runs } from '../../helpers/property.ts'

const time = 1_795_350_896_789_012_345n

function line(frame: Uint8Array, how: CodecName | 'auto' = 'auto', topic = 'telem'): string {
  return formatMessage({ time, topic, frame }, decodeFrame(frame, how))
}

/** The frame that publishing a line gives. */
function republished(line: string): Buffer {
  const { codec, payload, frame } = parseMessage(line)
  return frame ?? encodePayload(payload, codec === 'raw' ? 'raw' : 'msgpack')
}

test('a datagram is one line of JSON', () => {
  assert.equal(
    line(encode(Buffer.from('hello'))),
    '{"time":"2026-11-22T12:34:56.789012345Z","topic":"telem","codec":"msgpack","payload":{"$bytes":"aGVsbG8="}}',
  )
})

const forms: [payload: Payload, json: string][] = [
  [null, 'null'],
  [true, 'true'],
  ['text', '"text"'],
  [42, '42'],
  [1.5, '1.5'],
  [new Float64(1), '{"$float":"1.0"}'],
  [new Float64(-0), '{"$float":"-0.0"}'],
  [new Float64(1e300), '{"$float":"1e+300"}'],
  [Number.NaN, '{"$float":"nan"}'],
  [-Infinity, '{"$float":"-inf"}'],
  [2n ** 64n - 1n, '{"$int":"18446744073709551615"}'],
  [Buffer.from([0, 255]), '{"$bytes":"AP8="}'],
  [new Tuple([7, Buffer.from([1])]), '{"$tuple":[7,{"$bytes":"AQ=="}]}'],
  [new DateTime('2026-11-22T12:34:56.789012'), '{"$datetime":"2026-11-22T12:34:56.789012"}'],
  [new Extension(-5, Buffer.from([1])), '{"$ext":[-5,"AQ=="]}'],
  [
    new Map<Payload, Payload>([
      ['b', 1],
      ['a', [new Map()]],
    ]),
    '{"b":1,"a":[{}]}',
  ],
  [
    new Map<Payload, Payload>([
      [1, 'a'],
      [null, 'b'],
    ]),
    '{"$map":[[1,"a"],[null,"b"]]}',
  ],
  [new Map([['$bytes', 'x']]), '{"$map":[["$bytes","x"]]}'],
  [new Map([['__proto__', 1]]), '{"$map":[["__proto__",1]]}'],
  [
    new Map([
      ['b', 1],
      ['1', 2],
    ]),
    '{"$map":[["b",1],["1",2]]}',
  ],
]

for (const [payload, json] of forms) {
  test(`the JSON form ${json}`, () => {
    assert.equal(JSON.stringify(payloadToJson(payload)), json)
    assert.deepEqual(payloadFromJson(JSON.parse(json)), payload)
  })
}

for (const { name, msgpack, pickle } of wireVectors()) {
  for (const hex of [msgpack, pickle]) {
    if (hex === undefined) continue
    test(`vector ${name}: a line gives back the frame ${hex.slice(0, 20)}`, () => {
      const frame = Buffer.from(hex, 'hex')
      const json = line(frame)
      if (hex === msgpack) assert.equal('frame' in JSON.parse(json), false)
      if (!json.includes('"codec":"pickle"')) assert.equal(republished(json).toString('hex'), hex)
    })
  }
}

test('any payload survives its JSON, and its line gives the same frame again', () => {
  fc.assert(
    fc.property(arbitraryPayload, fc.string({ unit: 'binary' }), (payload, topic) => {
      assert.deepEqual(payloadFromJson(JSON.parse(JSON.stringify(payloadToJson(payload)))), payload)
      const frame = encode(payload)
      const json = line(frame, 'auto', topic)
      assert.doesNotMatch(json, /[\n\r\u0085\u2028\u2029]/)
      assert.deepEqual(republished(json), frame)
      assert.deepEqual({ ...parseMessage(json) }, { time, topic, codec: 'msgpack', payload })
    }),
    runs(500),
  )
})

const otherFrames: Record<string, string> = {
  'a float32': 'ca3fc00000',
  'an int wider than it needs': 'cf0000000000000001',
  'a bin header wider than it needs': 'c60000000101',
  'a map with a key twice': '82a16101a16102',
  'a nan with a payload': 'cb7ff8000000000001',
  'a tuple in a header wider than it needs': 'c7020191c0',
}

for (const [name, hex] of Object.entries(otherFrames)) {
  test(`${name} carries its frame, since its value would give another one`, () => {
    const frame = Buffer.from(hex, 'hex')
    const json = line(frame)
    assert.equal((JSON.parse(json) as { frame: string }).frame, frame.toString('base64'))
    assert.deepEqual(republished(json), frame)
  })
}

test('bytes that are no msgpack go back as they are', () => {
  const frame = Buffer.from('not msgpack')
  assert.equal(decode(frame), undefined)
  assert.match(line(frame), /"codec":"raw","payload":\{"\$bytes":"[^"]*"\}\}$/)
  assert.match(line(frame, 'msgpack'), /"problem":"not msgpack"\}$/)
  assert.deepEqual(republished(line(frame)), frame)
})

test('a line that a person writes: no time, no codec, a topic from elsewhere, members nobody knows', () => {
  assert.deepEqual(parseMessage('{"payload": 1, "note": "x"}', { topic: 'telem' }), {
    topic: 'telem',
    codec: 'msgpack',
    payload: 1,
  })
  assert.deepEqual(
    payloadFromJson({ $datetime: '2026-11-22T12:34:56Z' }),
    new DateTime('2026-11-22T12:34:56+00:00'),
  )
  assert.equal(payloadFromJson(-0), 0)
  assert.equal(parseMessage('{"time":"1969-12-31T23:59:59.5Z","topic":"t","payload":1}').time, -500_000_000n)
})

test('a time is kept to the nanosecond, before 1970 and to the end of 64 bits', () => {
  for (const time of [0n, 1n, 999_999n, -1n, -1_500_000_001n, 2n ** 64n - 1n]) {
    const frame = encode(1)
    assert.equal(
      parseMessage(formatMessage({ time, topic: '', frame }, decodeFrame(frame, 'auto'))).time,
      time,
    )
  }
})

const badLines: [json: string, message: RegExp][] = [
  ['{"topic":', /^the message is not JSON: /],
  ['[]', /not a JSON object/],
  ['{"topic":"t"}', /no payload/],
  ['{"payload":1}', /no topic/],
  ['{"topic":1,"payload":1}', /^topic is not text/],
  ['{"topic":"\\ud800","payload":1}', /^topic has half of a surrogate pair/],
  ['{"topic":"t","payload":1,"time":"yesterday"}', /^time is not a time/],
  ['{"topic":"t","payload":1,"time":"2026-02-30T00:00:00Z"}', /^time is not a time/],
  ['{"topic":"t","payload":1,"codec":"json"}', /^codec is "json"/],
  ['{"topic":"t","payload":1,"frame":"!"}', /^frame is not base64/],
  ['{"topic":"t","payload":1,"frame":"Ag=="}', /^frame does not hold the payload/],
  ['{"topic":"t","payload":1,"frame":"wQ=="}', /^frame does not hold the payload/],
]

for (const [json, message] of badLines) {
  test(`refused: ${json}`, () => {
    assert.throws(() => parseMessage(json), { name: UsageError.name, message })
  })
}

const badPayloads: [json: unknown, message: RegExp][] = [
  [{ a: [1, { $bytes: 'AA' }] }, /^payload\.a\[1\]\.\$bytes is not base64/],
  [{ $bytes: 1 }, /^payload\.\$bytes is not base64/],
  [{ $tuple: {} }, /^payload\.\$tuple is not a list/],
  [{ $tuple: [{ $nope: 1 }] }, /^payload\.\$tuple\[0\] has the key "\$nope"/],
  [{ $bytes: '', more: 1 }, /^payload has the key "\$bytes", which is no tag that stands alone/],
  [{ $map: [[1]] }, /^payload\.\$map\[0\] is not \[key, value\]/],
  [{ $map: [1] }, /^payload\.\$map\[0\] is not a list/],
  [{ $int: 5 }, /^payload\.\$int is not the digits/],
  [{ $int: '1'.repeat(1e6) }, /^payload\.\$int is not the digits/],
  [{ $float: 'x' }, /^payload\.\$float is not a float/],
  [{ $datetime: '2026-13-01' }, /^payload\.\$datetime is not a datetime/],
  [{ $ext: [1, ''] }, /^payload\.\$ext\[0\] is not the code/],
  [{ $ext: [3, '?'] }, /^payload\.\$ext\[1\] is not base64/],
  [2 ** 53, /^payload is a number over 2\*\*53/],
  [['\udc00'], /^payload\[0\] has half of a surrogate pair/],
  [{ '\udc00': 1 }, /^a key of payload has half/],
  [JSON.parse('['.repeat(101) + ']'.repeat(101)), /nested over 100 levels/],
]

for (const [json, message] of badPayloads) {
  test(`refused with its place: ${JSON.stringify(json).slice(0, 60)}`, () => {
    assert.throws(() => payloadFromJson(json), { name: UsageError.name, message })
  })
}

test('a value of 100 levels goes to JSON and back', () => {
  let value: Payload = Buffer.from([1])
  for (let depth = 0; depth < MAX_DEPTH; depth++) value = depth % 2 ? [value] : new Tuple([value])
  assert.deepEqual(payloadFromJson(payloadToJson(value)), value)
})
