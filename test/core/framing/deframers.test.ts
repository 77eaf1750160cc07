import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { FormatError } from '../../../src/core/errors.ts'
import type { Deframer } from '../../../src/core/framing/deframer.ts'
import { deframerOf } from '../../../src/core/framing/framing.ts'
import { WholeStream } from '../../../src/core/framing/whole-stream.ts'
import { cut, places } from '../../helpers/chunks.ts'

const MAX_FRAME = 40
const NOTHING = new Uint8Array(0)

function packet(length: number): Buffer {
  const bytes = Buffer.alloc(length, length)
  writePrimaryHeader(bytes, { apid: 5, sequenceCount: length, length })
  return bytes
}

const bytes = fc.uint8Array({ maxLength: 300 })
const packets = fc
  .array(fc.integer({ min: 7, max: MAX_FRAME + 5 }), { maxLength: 12 })
  .map(lengths => Buffer.concat(lengths.map(packet)))
/** Texts with short frames and long ones, and often with one that is not ended. */
const texts = fc
  .array(fc.tuple(fc.nat({ max: MAX_FRAME + 5 }), fc.constantFrom('\n', '\0')), { maxLength: 12 })
  .map(parts => Buffer.from(parts.map(([length, end]) => 'x'.repeat(length) + end).join('')))
const streams = fc.oneof(bytes, packets, texts)

const DEFRAMERS: readonly (readonly [name: string, make: () => Deframer])[] = [
  ['lines', () => deframerOf('lines', MAX_FRAME)],
  ['texts that end with a NUL', () => deframerOf('nul', MAX_FRAME)],
  ['space packets', () => deframerOf('ccsds', MAX_FRAME)],
  ['frames of 7 bytes', () => deframerOf(7, MAX_FRAME)],
  ['the whole stream', () => new WholeStream(MAX_FRAME)],
]

/** All that a deframer gives, frames and errors in their order; after an error it is asked again, as on a live stream. */
function read(deframer: Deframer, chunks: readonly Uint8Array[]) {
  const given: string[] = []
  const draw = (frames: () => Iterable<Uint8Array>): string | undefined => {
    try {
      for (const frame of frames()) given.push(Buffer.from(frame).toString('hex'))
      return undefined
    } catch (error) {
      assert(error instanceof FormatError)
      return `${error.code} ${error.offset} ${error.message}`
    }
  }
  let last: string | undefined
  for (const chunk of [...chunks, undefined]) {
    let error = draw(() => (chunk === undefined ? deframer.end() : deframer.push(chunk)))
    for (; error !== undefined && error !== last; error = draw(() => deframer.push(NOTHING))) {
      given.push(error)
      last = error
    }
    const isOver = error !== undefined
    assert(isOver || deframer.held <= MAX_FRAME, `${deframer.held} bytes are held`)
  }
  return given
}

for (const [name, make] of DEFRAMERS) {
  test(`property: ${name}: a stream gives the same frames and errors however it is cut`, () => {
    fc.assert(
      fc.property(streams, places, (stream, at) => {
        assert.deepEqual(read(make(), cut(stream, at)), read(make(), [stream]))
      }),
    )
  })

  test(`${name}: no byte that was given is written over by what comes later`, () => {
    fc.assert(
      fc.property(streams, places, (stream, at) => {
        const views: { view: Uint8Array; copy: Buffer }[] = []
        const keep = (frames: Iterable<Uint8Array>) => {
          for (const view of frames) views.push({ view, copy: Buffer.from(view) })
        }
        const deframer = make()
        try {
          for (const chunk of cut(stream, at)) keep(deframer.push(chunk))
          keep(deframer.end())
        } catch (error) {
          assert(error instanceof FormatError)
        }
        for (const { view, copy } of views) assert.deepEqual(Buffer.from(view), copy)
      }),
    )
  })
}
