import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pacer } from '../../src/core/pacer.ts'

test('what is late is made up for, and nothing comes early', async () => {
  const rate = 2_000
  const started = performance.now()
  const pacer = new Pacer(rate)
  for (let done = 0; done < 500; ) {
    done += await pacer.next()
    const elapsed = (performance.now() - started) / 1000
    assert(done <= elapsed * rate + 1, `${done} after ${elapsed} s`)
  }
})

test('the first one is due at once, and a pacer that is aborted rejects', async () => {
  const pacer = new Pacer(0.001)
  assert.equal(await pacer.next(), 1)
  await assert.rejects(pacer.next({ signal: AbortSignal.timeout(5) }), { name: 'AbortError' })
  await assert.rejects(new Pacer(Number.POSITIVE_INFINITY).next({ signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
})

test('an endless rate gives way to all else between its batches', async () => {
  const pacer = new Pacer(Number.POSITIVE_INFINITY)
  let turn = false
  setImmediate(() => (turn = true))
  assert((await pacer.next()) > 0)
  await pacer.next()
  assert.equal(turn, true)
})
