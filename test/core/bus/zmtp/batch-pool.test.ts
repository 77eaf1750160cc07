import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchPool } from '../../../../src/core/bus/zmtp/batch-pool.ts'

test('a flood of buffers leaves nothing behind, and none is in two hands', () => {
  const pool = new BatchPool()
  const held = Array.from({ length: 3_000 }, (_, i) => {
    const buffer = pool.take(5_000 + (i % 60_000))
    assert.equal(buffer.length, 64 * 1024)
    buffer.writeUInt32BE(i)
    return buffer
  })
  for (const [i, buffer] of held.entries()) assert.equal(buffer.readUInt32BE(), i)
  assert(pool.slabBytes > 150 * 1024 ** 2)
  // Give back only the filled part of each buffer.
  for (const buffer of held) pool.give(buffer.subarray(0, 100))
  assert.equal(pool.slabBytes, 0)
  assert.equal(pool.take(100_000).length, 100_000)
})

test('a few bytes get a small buffer, which is used again', () => {
  const pool = new BatchPool()
  const small = pool.take(1)
  assert.equal(small.length, 4 * 1024)
  pool.give(small.subarray(0, 1))
  assert.equal(pool.take(4 * 1024).buffer, small.buffer)
  assert.notEqual(pool.take(4 * 1024).buffer, small.buffer)
})
