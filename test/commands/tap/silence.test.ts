import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ready } from '../../helpers/groundwire.ts'
import { keepSending, localBus } from '../../helpers/local-bus.ts'

test('a topic that stays silent while others flow: these are named, the nearest first', async t => {
  const bus = await localBus(t)
  for (const topic of ['aaa', 'telem', 'zzz']) await keepSending(t, bus, topic)
  const tap = await ready(t, bus, 'tap tele')
  await tap.untilStderr(
    /^tap: no message of 'tele' so far; topics that flow: 'telem', '(aaa', 'zzz|zzz', 'aaa)'\n/m,
  )
  const { code, stdout, stderr } = await tap.stop()
  assert.equal(code, 0)
  assert.equal(stdout.length, 0)
  assert.match(stderr, /received 0 /)
})

test('of several, those that are silent are named; where all flow, or none does, nothing is said', async t => {
  const [bus, empty] = await Promise.all([localBus(t), localBus(t)])
  await keepSending(t, bus, 'telem')
  const [some, all, none] = await Promise.all([
    ready(t, bus, 'tap telem --prefix sat1/ -f none'),
    ready(t, bus, 'tap telem -f none --duration 6s'),
    ready(t, empty, 'tap telem --duration 6s'),
  ])
  await some.untilStderr(/^tap: no message of 'sat1\/…' so far; topics that flow: 'telem'\n/m)
  await some.stop()
  for (const run of [all, none]) {
    const { code, stderr } = await run.exit
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /topics that flow/)
  }
})
