import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FormatError } from '../../../src/core/errors.ts'
import { DelimitedPieces, SizedPieces, type Splitter, WholeInput } from '../../../src/core/publish/pieces.ts'
import { cut, places } from '../../helpers/chunks.ts'

const bytes = fc.uint8Array({ maxLength: 400 })
const lines = fc.array(fc.oneof(fc.constant(0x0a), fc.integer({ min: 0, max: 255 })), { maxLength: 400 })

function split(splitter: Splitter, chunks: readonly Uint8Array[]) {
  const pieces: Buffer[] = []
  try {
    for (const chunk of chunks)
      for (const piece of splitter.push(Buffer.from(chunk))) pieces.push(Buffer.from(piece))
    for (const piece of splitter.end()) pieces.push(Buffer.from(piece))
  } catch (error) {
    assert(error instanceof FormatError)
    return { pieces, error }
  }
  return { pieces, error: undefined }
}

test('property: pieces joined by their delimiter are the input, however it is cut', () => {
  fc.assert(
    fc.property(lines, places, (input, at) => {
      const { pieces } = split(new DelimitedPieces(0x0a, 1000, 'line'), cut(Buffer.from(input), at))
      assert(pieces.every(piece => !piece.includes(0x0a)))
      const joined = Buffer.concat(pieces.flatMap(piece => [piece, Buffer.of(0x0a)]))
      const ended = input.length === 0 || input.at(-1) === 0x0a ? input : [...input, 0x0a]
      assert.deepEqual(joined, Buffer.from(ended))
    }),
  )
})

test('property: pieces of a size are all of that size but the last, and are the input, however it is cut', () => {
  fc.assert(
    fc.property(bytes, places, fc.integer({ min: 1, max: 50 }), (input, at, size) => {
      const { pieces } = split(new SizedPieces(size), cut(input, at))
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(input))
      assert(pieces.slice(0, -1).every(piece => piece.length === size))
      assert.equal(pieces.length, Math.ceil(input.length / size))
    }),
  )
})

test('a piece over the limit ends it at its offset, after all before it, as soon as it is over', () => {
  const whole = split(new DelimitedPieces(0x0a, 4, 'line'), [Buffer.from('abcd\n\nabcde\nf\n')])
  assert.deepEqual(whole.pieces.map(String), ['abcd', ''])
  assert.equal(whole.error?.code, 'OVERSIZE')
  assert.equal(whole.error?.offset, 6)
  assert.equal(whole.error?.message, 'line 3 is over the limit of 4 bytes, at offset 6')

  const endless = new DelimitedPieces(0x0a, 4, 'line')
  assert.deepEqual([...endless.push(Buffer.from('ab\ncd'))].map(String), ['ab'])
  assert.throws(() => [...endless.push(Buffer.from('efg'))], { code: 'OVERSIZE', offset: 3 })
})

test('the whole input is one piece, even an empty one, up to the limit', () => {
  const whole = new WholeInput(4)
  assert.equal(whole.bytes().length, 0)
  for (const chunk of ['a', 'bc', '\n']) whole.push(Buffer.from(chunk))
  assert.equal(whole.bytes().toString(), 'abc\n')
  assert.throws(() => whole.push(Buffer.from('e')), { code: 'OVERSIZE', offset: 0 })
})
