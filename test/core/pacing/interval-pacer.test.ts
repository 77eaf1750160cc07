import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IntervalPacer } from '../../../src/core/pacing/interval-pacer.ts'
import { FakeTimer } from '../../helpers/fake-timer.ts'

/** When messages go out, in whole ms after the first one, where each is asked for so many ms after the one before. */
async function timesOf(interval: number, pauses: readonly number[]): Promise<number[]> {
  const timer = new FakeTimer()
  const pacer = new IntervalPacer(interval, timer)
  assert.equal(pacer.next(), undefined)
  const started = timer.time
  const times: number[] = []
  for (const pause of pauses) {
    timer.time += pause
    await pacer.next()
    times.push(Math.round(timer.time - started))
  }
  return times
}

test('a message goes each interval, and a short delay does not move those that follow', async () => {
  assert.deepEqual(await timesOf(100, [0, 0, 150, 0, 0]), [100, 200, 350, 400, 500])
})

test('after a delay of several intervals they start anew, and nothing is made up for', async () => {
  assert.deepEqual(await timesOf(100, [0, 450, 0, 0]), [100, 550, 650, 750])
})

test('a wait that is aborted rejects', async () => {
  const pacer = new IntervalPacer(60_000)
  await pacer.next()
  await assert.rejects(async () => pacer.next(undefined, { signal: AbortSignal.timeout(5) }), {
    name: 'AbortError',
  })
})
