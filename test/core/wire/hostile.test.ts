import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { program } from '../../../scripts/project.ts'
import { decodeFrame } from '../../../src/core/wire/codec.ts'

const { file, execArgv } = program(path.join(import.meta.dirname, '../../helpers'), 'hostile-frames')
const seed = Date.now() % 1_000_000

test(`100,000 random and mutated frames decode or come back as bytes, in under 64 MB (seed ${seed})`, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=4', '--max-old-space-size=96', ...execArgv, file, String(seed), '100000'],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  const { frames, growth, slowest } = JSON.parse(stdout) as Record<string, number>
  assert.equal(frames, 100_000)
  assert.ok(Number(growth) < 64 * 1024 * 1024, `grew by ${growth} bytes`)
  assert.ok(Number(slowest) < 1000, `one took ${slowest} ms`)
})

test('large hostile frames come back as bytes at once', () => {
  const size = 8 * 1024 * 1024
  const heads = [
    'dd ffffffff',
    'df ffffffff',
    'dd 007fffff',
    'c6 ffffffff',
    'c9 ffffffff 01',
    '8004',
    '80025d28',
    '(',
  ]
  const start = performance.now()
  for (const head of heads) {
    for (const byte of [0x91, 0xc1, 0xdd, 0xc9, 0x28, 0x29, 0x7d, 0x80, 0x90]) {
      const frame = Buffer.alloc(size, byte)
      frame.write(head.replaceAll(' ', ''), 'hex')
      assert.equal(decodeFrame(frame, 'auto').payload, frame)
      assert.equal(decodeFrame(frame, 'pickle').payload, frame)
    }
  }
  assert.ok(performance.now() - start < 5000)
})
