import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FormatError } from '../../../src/core/errors.ts'
import type { Deframer } from '../../../src/core/framing/deframer.ts'
import { lineSplitter } from '../../../src/core/framing/framing.ts'
import { SizedSplitter } from '../../../src/core/framing/sized-splitter.ts'
import { WholeStream } from '../../../src/core/framing/whole-stream.ts'
import { cut, places } from '../../helpers/chunks.ts'

const bytes = fc.uint8Array({ maxLength: 400 })
const lines = fc.array(fc.oneof(fc.constant(0x0a), fc.integer({ min: 0, max: 255 })), { maxLength: 400 })

function framesOf(deframer: Deframer, chunks: readonly Uint8Array[]): Buffer[] {
  const frames = chunks.flatMap(chunk => Array.from(deframer.push(chunk), frame => Buffer.from(frame)))
  return [...frames, ...Array.from(deframer.end(), frame => Buffer.from(frame))]
}

const textsOf = (frames: Iterable<Uint8Array>) => Array.from(frames, frame => Buffer.from(frame).toString())

/** The frames that come before an error, and that error. */
function failing(frames: Iterable<Uint8Array>): { texts: string[]; error: FormatError } {
  const texts: string[] = []
  try {
    for (const frame of frames) texts.push(Buffer.from(frame).toString())
  } catch (error) {
    assert(error instanceof FormatError)
    return { texts, error }
  }
  return assert.fail(`no error after ${texts.join()}`)
}

test('property: lines joined by line feeds are the input, however it is cut', () => {
  fc.assert(
    fc.property(lines, places, (input, at) => {
      const frames = framesOf(lineSplitter(1000), cut(Buffer.from(input), at))
      assert(frames.every(frame => !frame.includes(0x0a)))
      const joined = Buffer.concat(frames.flatMap(frame => [frame, Buffer.of(0x0a)]))
      const ended = input.length === 0 || input.at(-1) === 0x0a ? input : [...input, 0x0a]
      assert.deepEqual(joined, Buffer.from(ended))
    }),
  )
})

test('property: frames of a size are all of that size but the last, and are the input, however it is cut', () => {
  fc.assert(
    fc.property(bytes, places, fc.integer({ min: 1, max: 50 }), (input, at, size) => {
      const frames = framesOf(new SizedSplitter(size), cut(input, at))
      assert.deepEqual(Buffer.concat(frames), Buffer.from(input))
      assert(frames.slice(0, -1).every(frame => frame.length === size))
      assert.equal(frames.length, Math.ceil(input.length / size))
    }),
  )
})

test('a line within a chunk is a view of it, and one that crosses chunks is not', () => {
  const chunk = Buffer.from('ab\ncd\nef')
  const splitter = lineSplitter(10)
  const views = [...splitter.push(chunk)]
  assert.deepEqual(
    views.map(({ buffer, byteOffset }) => [buffer, byteOffset - chunk.byteOffset]),
    [
      [chunk.buffer, 0],
      [chunk.buffer, 3],
    ],
  )
  const [crossing] = splitter.push(Buffer.from('gh\n'))
  assert.equal(Buffer.from(crossing ?? []).toString(), 'efgh')
  assert.notEqual(crossing?.buffer, chunk.buffer)
})

test('a line over the limit is an error at its offset, after all before it, and the next line follows', () => {
  const splitter = lineSplitter(4)
  const { texts, error } = failing(splitter.push(Buffer.from('abcd\n\nabcde\nf\ng')))
  assert.deepEqual(texts, ['abcd', ''])
  assert.equal(error.code, 'OVERSIZE')
  assert.equal(error.offset, 6)
  assert.equal(error.message, 'line 3 is over the limit of 4 bytes, at offset 6')
  assert.equal(splitter.number, 3)
  assert.equal(splitter.start, 6)
  assert.deepEqual(textsOf(splitter.push(Buffer.from('h\n'))), ['f', 'gh'])
  assert.equal(splitter.number, 5)
  assert.equal(splitter.start, 14)
})

test('a line without an end is refused as soon as it is over the limit, and passed over without being held', () => {
  const splitter = lineSplitter(4)
  assert.deepEqual(textsOf(splitter.push(Buffer.from('ab\ncd'))), ['ab'])
  const { error } = failing(splitter.push(Buffer.from('efg')))
  assert.equal(error.offset, 3)
  for (let i = 0; i < 10; i++) {
    assert.deepEqual([...splitter.push(Buffer.alloc(1000, 'x'))], [])
    assert.equal(splitter.held, 0)
  }
  assert.deepEqual(textsOf(splitter.push(Buffer.from('x\nok\n'))), ['ok'])
  assert.deepEqual([...splitter.end()], [])
})

test('what is held of an unfinished frame can be told before the end gives it', () => {
  const splitter = lineSplitter(10)
  assert.deepEqual([...splitter.push(Buffer.from('ab\ncde'))].length, 1)
  assert.equal(splitter.held, 3)
  assert.deepEqual(textsOf(splitter.end()), ['cde'])
  assert.equal(splitter.held, 0)
})

test('the whole stream is one frame, even an empty one, up to the limit', () => {
  assert.deepEqual(
    Array.from(new WholeStream(4).end(), ({ length }) => length),
    [0],
  )
  const whole = new WholeStream(4)
  for (const chunk of ['a', 'bc', '\n']) assert.deepEqual([...whole.push(Buffer.from(chunk))], [])
  assert.deepEqual(textsOf(whole.end()), ['abc\n'])
  const over = new WholeStream(4)
  over.push(Buffer.from('abcd'))
  assert.throws(() => over.push(Buffer.from('e')), { code: 'OVERSIZE', offset: 0 })
  assert.throws(() => over.end(), { code: 'OVERSIZE', offset: 0 })
})
