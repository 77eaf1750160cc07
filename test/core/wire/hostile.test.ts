import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { program } from '../../../scripts/project.ts'
import { decodeFrame } from '../../../src/core/wire/codec.ts'
import { runs } from '../../helpers/property.ts'

const { file, execArgv } = program(path.join(import.meta.dirname, '../../helpers'), 'hostile-frames')
/** Time limit, in ms, that only a reader whose steps multiply goes over: otherwise all takes a second or two. */
const LIMIT_MS = 110_000
const seed = Date.now() % 1_000_000
const { numRuns } = runs(20_000)

test(`${numRuns} random and mutated frames decode or come back as bytes, in under 64 MB (seed ${seed})`, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=4', '--max-old-space-size=96', ...execArgv, file, String(seed), String(numRuns)],
    { encoding: 'utf8', timeout: LIMIT_MS },
  )
  assert.equal(status, 0, stderr)
  const { frames, growth } = JSON.parse(stdout) as Record<string, number>
  assert.equal(frames, numRuns)
  assert.ok(Number(growth) < 64 * 1024 * 1024, `grew by ${growth} bytes`)
})

test('large hostile frames come back as bytes, without being read again and again', () => {
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
  for (const head of heads) {
    for (const byte of [0x91, 0xc1, 0xdd, 0xc9, 0x28, 0x29, 0x7d, 0x80, 0x90]) {
      const frame = Buffer.alloc(size, byte)
      frame.write(head.replaceAll(' ', ''), 'hex')
      assert.equal(decodeFrame(frame, 'auto').payload, frame)
      assert.equal(decodeFrame(frame, 'pickle').payload, frame)
    }
  }
})
