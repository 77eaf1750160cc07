import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ReassemblyBuffer } from '../../../../src/core/bus/zmtp/reassembly-buffer.ts'

const MIB = 1024 ** 2

/** So many bytes that are not all the same. */
function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 251))
}

test('in whatever pieces it comes, what is needed is gathered, and no more', () => {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 100_000, max: 700_000 }))
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1_000, max: 90_000 }),
      fc.integer({ min: 0, max: 200 }),
      (needed, piece, header) => {
        const wire = pattern(header + needed + 100)
        const buffer = new ReassemblyBuffer()
        // First a header, as the decoder does: then it is known how much more is needed.
        buffer.needed = header
        let at = header === 0 ? 0 : buffer.take(wire, 0)
        const { length } = buffer
        buffer.restore(buffer.release(), length)
        buffer.needed = header + needed
        while (!buffer.isWhole) at = buffer.take(wire.subarray(0, Math.min(at + piece, wire.length)), at)
        assert.equal(at, header + needed)
        assert.deepEqual(buffer.release().subarray(0, at), wire.subarray(0, at))
        assert.equal(buffer.length, 0)
      },
    ),
    { numRuns: 50 },
  )
})

test('a size that is only claimed takes no memory, and what came of a large message goes back when it is dropped', () => {
  const [chunk, count] = [pattern(MIB), 40]
  const resident = () => process.memoryUsage.rss() / MIB
  const before = resident()
  const buffers = Array.from({ length: count }, () => new ReassemblyBuffer())
  for (const buffer of buffers) buffer.needed = 1_000 * MIB
  for (let i = 0; i < 4; i++) for (const buffer of buffers) buffer.take(chunk, 0)
  const held = resident() - before
  assert(held > 100 && held < 400, `${held} MiB are held of ${4 * count}`)
  for (const buffer of buffers) buffer.drop()
  const left = resident() - before
  assert(left < 60, `${left} MiB are left`)
})
