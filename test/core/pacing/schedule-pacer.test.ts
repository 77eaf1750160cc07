import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchedulePacer } from '../../../src/core/pacing/schedule-pacer.ts'
import { FakeTimer } from '../../helpers/fake-timer.ts'

const EPOCH = 1_764_000_000_000_000_000n

/** When messages go out, in whole ms after the first one. Their own times are in ms; undefined for one that has none. */
async function timesOf(
  own: readonly (number | undefined)[],
  pacing: { speed?: number; pause?: number } = {},
) {
  const timer = new FakeTimer()
  const pacer = new SchedulePacer(pacing.speed, timer)
  const started = timer.time
  const times: number[] = []
  for (const ms of own) {
    await pacer.next(ms === undefined ? undefined : EPOCH + BigInt(ms * 1e6))
    times.push(Math.round(timer.time - started))
    timer.time += pacing.pause ?? 0
  }
  return times
}

test('each message goes at its own time, counted from the first', async () => {
  assert.deepEqual(await timesOf([7, 8, 107, 107, 3_600_007]), [0, 1, 100, 100, 3_600_000])
})

test('a speed of two takes half of the time, one of a half twice as long', async () => {
  assert.deepEqual(await timesOf([0, 10, 1_000], { speed: 2 }), [0, 5, 500])
  assert.deepEqual(await timesOf([0, 10, 1_000], { speed: 0.5 }), [0, 20, 2_000])
})

test('a late message goes at once, and those after it at their own times', async () => {
  assert.deepEqual(await timesOf([0, 10, 20, 200], { pause: 50 }), [0, 50, 100, 200])
})

test('a message without a time, or from before the first one, goes at once', async () => {
  assert.deepEqual(await timesOf([undefined, 500, undefined, 400, 600]), [0, 0, 0, 0, 100])
})

test('a wait that is aborted rejects', async () => {
  const pacer = new SchedulePacer()
  await pacer.next(EPOCH)
  await assert.rejects(async () => pacer.next(EPOCH + 10n ** 12n, { signal: AbortSignal.timeout(5) }), {
    name: 'AbortError',
  })
})
