/**
 * Decodes random and mutated frames in a process of its own, so that its peak of memory is theirs alone. Prints
 * `{frames, growth}`: how many, and the bytes by which the process grew.
 *
 *     hostile-frames.ts SEED COUNT
 */
import * as fc from 'fast-check'
import { decodeFrame, decodePayload } from '../../src/core/wire/codec.ts'
import { formatMessage } from '../../src/core/wire/json.ts'
import { wireVectors } from './wire-vectors.ts'

const [seed = 0, count = 0] = process.argv.slice(2).map(Number)

const valid = wireVectors().flatMap(({ msgpack = '', pickle = '' }) => [
  Buffer.from(msgpack, 'hex'),
  Buffer.from(pickle, 'hex'),
])
const byte = fc.nat(255)
const frame = fc.constantFrom(...valid)
const edit = fc.tuple(fc.nat(400), fc.nat(3), fc.uint8Array({ maxLength: 6 }))

/** A valid frame with some bytes replaced, removed or inserted. */
const mutated = fc.tuple(frame, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([frame, edits]) =>
  edits.reduce((bytes, [position, removed, inserted]) => {
    const at = position % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])
  }, frame),
)
/** Two valid frames, cut and joined. */
const spliced = fc
  .tuple(frame, frame, fc.nat(400), fc.nat(400))
  .map(([a, b, i, j]) => Buffer.concat([a.subarray(0, i % (a.length + 1)), b.subarray(j % (b.length + 1))]))
/** Random bytes, plain and within the marks of a pickle. */
const random = fc.uint8Array({ maxLength: 64 }).map(bytes => Buffer.from(bytes))
const marked = fc
  .tuple(fc.constantFrom(2, 3, 4, 5), random)
  .map(([protocol, bytes]) => Buffer.concat([Buffer.from([0x80, protocol]), bytes, Buffer.from('.')]))
/** One byte many times: deep nests, and long lists of small items. */
const repeated = fc.tuple(byte, byte, fc.nat(5000)).map(([head, byte, length]) => {
  const bytes = Buffer.alloc(length + 1, byte)
  bytes[0] = head
  return bytes
})

const hostile = fc.oneof(
  { arbitrary: mutated, weight: 10 },
  { arbitrary: spliced, weight: 4 },
  { arbitrary: random, weight: 4 },
  { arbitrary: marked, weight: 4 },
  { arbitrary: repeated, weight: 1 },
)

let frames = 0
let reference = 0

function decodeAll(frame: Buffer): void {
  for (const how of ['auto', 'msgpack', 'pickle', 'raw'] as const) {
    const decoded = decodeFrame(frame, how)
    if (decoded.payload === undefined || decodePayload(frame, how) === undefined)
      throw new Error('no payload')
    if (decoded.codec === 'raw' && decoded.payload !== frame) throw new Error('not the bytes')
    formatMessage({ time: 0n, topic: '', frame }, decoded)
  }
  frames++
  if (frames === 1000) reference = process.resourceUsage().maxRSS
}

fc.assert(fc.property(hostile, decodeAll), { numRuns: count, seed })
const growth = (process.resourceUsage().maxRSS - reference) * 1024
process.stdout.write(JSON.stringify({ frames, growth }))
