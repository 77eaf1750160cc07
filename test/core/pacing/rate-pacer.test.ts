import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RatePacer } from '../../../src/core/pacing/rate-pacer.ts'
import { FakeTimer } from '../../helpers/fake-timer.ts'

test('property: whatever the delays, messages are made up for, and none comes early', async () => {
  const delays = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true })), {
    minLength: 1,
    maxLength: 200,
  })
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 1, max: 5_000, noNaN: true }), delays, async (rate, pauses) => {
      const timer = new FakeTimer()
      const pacer = new RatePacer(rate, timer)
      await pacer.next()
      const started = timer.time
      for (const [index, pause] of pauses.entries()) {
        timer.time += pause
        const before = timer.time
        const due = started + ((index + 1) / rate) * 1000
        await pacer.next()
        assert(timer.time >= due - 1e-6, `message ${index + 1} came at ${timer.time}, due at ${due}`)
        assert(timer.time <= Math.max(before, due) + 0.01, `message ${index + 1} came at ${timer.time}`)
      }
    }),
  )
})

test('time starts with the first message, which never waits, and messages that are due need no promise', () => {
  const timer = new FakeTimer()
  const pacer = new RatePacer(100, timer)
  timer.time += 60_000
  assert.equal(pacer.next(), undefined)
  timer.time += 25
  assert.deepEqual([pacer.next(), pacer.next()], [undefined, undefined])
  assert(pacer.next() instanceof Promise)
})

test('by the system clock nothing comes early', async () => {
  const rate = 2_000
  const pacer = new RatePacer(rate)
  await pacer.next()
  const started = performance.now()
  for (let done = 1; done < 300; done++) {
    await pacer.next()
    const elapsed = (performance.now() - started) / 1000
    assert(done <= elapsed * rate + 1, `${done} after ${elapsed} s`)
  }
})

test('a pacer whose wait is aborted rejects', async () => {
  const pacer = new RatePacer(0.001)
  await pacer.next()
  await assert.rejects(async () => pacer.next(undefined, { signal: AbortSignal.timeout(5) }), {
    name: 'AbortError',
  })
  const endless = new RatePacer(Number.POSITIVE_INFINITY)
  await assert.rejects(async () => endless.next(undefined, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
})

test('an endless rate gives way to all else between its batches', async () => {
  const pacer = new RatePacer(Number.POSITIVE_INFINITY)
  await pacer.next()
  let turn = false
  setImmediate(() => (turn = true))
  for (let wait = pacer.next(); wait === undefined; wait = pacer.next()) assert.equal(turn, false)
  await pacer.next()
  assert.equal(turn, true)
})
