import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitReporter } from '../../../src/commands/publish/wait-reporter.ts'

const WAIT = { peer: '127.0.0.1:40312', bytes: 4_194_304, isPassedOver: false }

function reporting() {
  const lines: string[] = []
  return { lines, reporter: new WaitReporter({ warn: line => void lines.push(line) }) }
}

test('a subscriber that takes nothing for two seconds is a line, once; one that is only slow is none', () => {
  const { lines, reporter } = reporting()
  for (const idleMs of [1_000, 900, 1_900, 2_000, 3_000]) reporter.report({ ...WAIT, idleMs })
  const line =
    'waiting for the subscriber at 127.0.0.1:40312: it takes nothing, and 4194304 bytes wait for it; --rate max does not wait'
  assert.deepEqual(lines, [line])
  for (const idleMs of [500, 2_000]) reporter.report({ ...WAIT, idleMs })
  assert.deepEqual(lines, [line, line])
})

test('a subscriber that is passed over is a line', () => {
  const { lines, reporter } = reporting()
  reporter.report({ ...WAIT, idleMs: 1_000, isPassedOver: true })
  assert.deepEqual(lines, [
    'going on without the subscriber at 127.0.0.1:40312: 4194304 bytes still wait for it, and it loses what has no room',
  ])
})

test('so many subscribers that stop at a time are told apart, and no more', () => {
  const { lines, reporter } = reporting()
  for (let i = 0; i < 1_000; i++) reporter.report({ ...WAIT, peer: `${i}`, idleMs: 2_000 })
  assert.equal(lines.length, 64)
})
