import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Condition, deadline } from '../../src/core/condition.ts'

test('a wait ends at once where the thing holds already', async () => {
  await new Condition().until(() => true, { signal: AbortSignal.abort() })
})

test('a wait ends as soon as a change that it was told of makes the thing hold', async () => {
  const condition = new Condition()
  let ready = false
  let over = false
  const wait = condition.until(() => ready).then(() => (over = true))
  condition.notify()
  await Promise.resolve()
  assert.equal(over, false)
  ready = true
  condition.notify()
  await wait
})

test("a wait that is aborted rejects with the signal's reason", async () => {
  const condition = new Condition()
  const controller = new AbortController()
  const wait = condition.until(() => false, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await assert.rejects(wait, /enough/)
  await assert.rejects(
    condition.until(() => false, { signal: controller.signal }),
    /enough/,
  )
})

test('a deadline passes even where nothing but the waiting holds on to it', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const condition = new Condition()
  const wait = () =>
    condition.until(() => false, { signal: deadline(50, { signal: new AbortController().signal }) })
  const rejection = assert.rejects(wait(), { name: 'TimeoutError' })
  // A deadline's timer does not keep a process alive.
  const alive = setInterval(collectGarbage, 10)
  await rejection
  clearInterval(alive)
})

test('a deadline passes early with the signal that it was made with', () => {
  const controller = new AbortController()
  const signal = deadline(1_000_000, { signal: controller.signal })
  assert.equal(signal.aborted, false)
  controller.abort('stop')
  assert.equal(signal.reason, 'stop')
  assert.equal(deadline(1_000_000, { signal: controller.signal }).reason, 'stop')
})
