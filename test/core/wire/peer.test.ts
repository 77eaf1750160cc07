import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { PROJECT } from '../../../scripts/project.ts'
import { decode as otherDecode, encode as otherEncode } from '@msgpack/msgpack'
import * as fc from 'fast-check'
import { decodeFrame } from '../../../src/core/wire/codec.ts'
import { formatMessage, parseMessage } from '../../../src/core/wire/json.ts'
import { payloadFromJson } from '../../../src/core/wire/payload-from-json.ts'
import { payloadToJson } from '../../../src/core/wire/json-payload.ts'
import { decode } from '../../../src/core/wire/msgpack-decode.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { readPickle } from '../../../src/core/wire/pickle.ts'
import { arbitraryPayload, payloadForPython } from '../../helpers/arbitrary-payload.ts'
import { findPython, runPython } from '../../helpers/python.ts'
import { wireVectors } from '../../helpers/wire-vectors.ts'
import { runs } from '../../helpers/property.ts'

interface Made {
  readonly msgpack: string
  readonly pickles: string[]
  readonly form: unknown
}

const seed = Date.now() % 1_000_000
const { numRuns } = runs(300)

test(`${numRuns} values of ours are the same frames in Python's msgpack (seed ${seed})`, t => {
  const python = findPython(t, 'msgpack')
  if (python === undefined) return
  const payloads = fc.sample(payloadForPython, { numRuns, seed })
  const cases = payloads.map(payload => ({
    frame: encode(payload).toString('hex'),
    form: payloadToJson(payload),
  }))
  const answers = runPython(python, 'wire-peer.py', ['repack'], cases)
  assert.deepEqual(
    answers,
    cases.map(({ frame }) => ({ frame, again: frame })),
  )
})

test(`${numRuns} values of Python are the same values from its msgpack and its pickles, and the same frames again (seed ${seed})`, t => {
  const python = findPython(t, 'msgpack')
  if (python === undefined) return
  const made = runPython(python, 'wire-peer.py', ['make', String(seed), String(numRuns)], null) as Made[]
  assert.equal(made.length, numRuns)
  for (const { msgpack, pickles, form } of made) {
    const payload = payloadFromJson(form)
    const frame = Buffer.from(msgpack, 'hex')
    assert.deepEqual(decode(frame), payload)
    assert.equal(encode(payload).toString('hex'), msgpack)
    for (const pickle of pickles) assert.deepEqual(readPickle(Buffer.from(pickle, 'hex')), payload)
  }
})

test('plain values are the same in @msgpack/msgpack', () => {
  const plain = fc.letrec<{ value: Payload }>(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.maxSafeNat(),
        fc.string({ unit: 'grapheme' }),
      ),
      fc.uint8Array(),
      fc.array(tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(plain, value => {
      assert.deepEqual(Buffer.from(otherEncode(value)), encode(value))
      assert.deepEqual(otherEncode(otherDecode(encode(value))), otherEncode(value))
    }),
    runs(500),
  )
})

test('every line is of the schema in docs/, and what is not of it is no line', t => {
  const python = findPython(t, 'jsonschema')
  if (python === undefined) return
  const schema: unknown = JSON.parse(readFileSync(path.join(PROJECT, 'docs/message.schema.json'), 'utf8'))
  const vectors = wireVectors().flatMap(({ msgpack, pickle }) => [msgpack ?? 'c0', pickle ?? '2e'])
  const odd = ['ca3fc00000', 'c60000000101', '82a16101a16102', '80025d2e', '8002632e', '']
  const frames = [
    ...[...vectors, ...odd].map(hex => Buffer.from(hex, 'hex')),
    ...fc.sample(arbitraryPayload, { ...runs(30), seed }).map(payload => encode(payload)),
  ]
  const lines = frames.flatMap((frame, index) =>
    (['auto', 'msgpack', 'pickle', 'raw'] as const)
      .slice(0, index < vectors.length + odd.length ? 4 : 1)
      .map(how => formatMessage({ time: 1n, topic: 'telem', frame }, decodeFrame(frame, how))),
  )
  const bad = [
    '[]',
    '{"topic":"t"}',
    '{"payload":1,"topic":2}',
    '{"payload":1,"codec":"json"}',
    '{"payload":1,"time":"now"}',
    '{"payload":1,"frame":"x"}',
    ...[
      '{"$bytes":"x"}',
      '{"$bytes":"","a":1}',
      '{"$nope":1}',
      '[{"$tuple":1}]',
      '{"$int":5}',
      '{"$float":"x"}',
      '{"$datetime":"now"}',
      '{"$map":[[1]]}',
      '{"$ext":[1,""]}',
      '{"a":{"$ext":[3]}}',
      '9007199254740992',
    ].map(payload => `{"topic":"t","payload":${payload}}`),
  ]
  for (const line of bad) assert.throws(() => parseMessage(line), { code: 'USAGE' }, line)
  const instances = [...lines, ...bad].map(line => JSON.parse(line) as unknown)
  const valid = runPython(python, 'schema-peer.py', [], { schema, instances }) as boolean[]
  const wrong = instances.filter((_, index) => valid[index] !== index < lines.length)
  assert.deepEqual(wrong, [])
})
