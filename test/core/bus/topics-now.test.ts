import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CARRIERS } from '../../../src/core/bus/carrier.ts'
import { topicsNow, type TopicsNowOptions } from '../../../src/core/bus/topics-now.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { hear, keepSending, localBus } from '../../helpers/local-bus.ts'
import { unusedPort } from '../../helpers/udp.ts'

for (const carrier of CARRIERS) {
  test(`the topics with messages over ${carrier} are listed, busiest first, without reserved ones`, async t => {
    const bus = await localBus(t)
    // A receiver with accounts makes announcements flow.
    await hear(t, bus, 'busy')
    for (const topic of ['busy', 'busy', 'busy', 'quiet', '__groundwire__/own'])
      await keepSending(t, bus, topic)
    const options = { xpub: bus.xpub, carrier }
    const all = await untilSeen(options, topics => topics.join() === 'busy,quiet')
    assert.deepEqual(all, ['busy', 'quiet'])
    const first = await untilSeen({ ...options, limit: 1 }, topics => topics.length > 0)
    assert.equal(first.length, 1)
  })
}

/** Listens longer and longer until enough topics are seen, as the machine may be busy. @returns the topics seen last */
async function untilSeen(
  options: Omit<TopicsNowOptions, 'durationMs'>,
  areSeen: (topics: string[]) => boolean,
) {
  for (let durationMs = 300; ; durationMs *= 2) {
    const topics = await topicsNow({ ...options, durationMs })
    if (areSeen(topics) || durationMs > PATIENCE_MS) return topics
  }
}

test('without a proxy no topic is listed', async () => {
  const xpub = `tcp://127.0.0.1:${await unusedPort()}`
  assert.deepEqual(await topicsNow({ xpub, durationMs: 50 }), [])
})

test('a signal ends the listening, with the topics seen so far', async t => {
  const { broker, xpub } = await startBroker(t)
  const stop = new AbortController()
  const asked = new Promise<void>(resolve =>
    broker.on('peer', ({ type, detail }) => {
      if (type === 'subscribed' && detail === '') resolve()
    }),
  )
  const looking = topicsNow({ xpub, durationMs: PATIENCE_MS, signal: stop.signal })
  await asked
  stop.abort()
  assert.deepEqual(await looking, [])
})

/** Publishes on and on until something holds of the publisher. */
async function publishUntil(client: ZMQClient, holds: () => boolean): Promise<void> {
  for (const signal = AbortSignal.timeout(PATIENCE_MS); !holds(); await nextTurn()) {
    signal.throwIfAborted()
    client.publish('hello')
  }
}

for (const carrier of CARRIERS) {
  test(`a search over ${carrier} has messages sent to it, and at no moment is it taken for a listener`, async t => {
    const bus = await localBus(t)
    const sender = await started(t, new ZMQClient({ name: 'telem', xsub: bus.xsub }))
    let wasHeard = false
    const heard = sender.heard('telem').then(() => {
      wasHeard = true
    })
    const stop = new AbortController()
    const looking = topicsNow({ xpub: bus.xpub, carrier, durationMs: PATIENCE_MS, signal: stop.signal })
    const { ledger } = sender
    await publishUntil(sender, () => ledger.sent.messages > 0)
    stop.abort()
    await looking
    const before = ledger.unheard
    await publishUntil(sender, () => ledger.unheard > before)
    assert.equal(wasHeard, false)
    await hear(t, bus)
    await heard
  })
}

test('a subscriber to everything is a listener again when the search is over', async t => {
  const bus = await localBus(t)
  const sender = await started(t, new ZMQClient({ name: 'telem', xsub: bus.xsub }))
  const stop = new AbortController()
  const looking = topicsNow({ xpub: bus.xpub, durationMs: PATIENCE_MS, signal: stop.signal })
  const { sent } = sender.ledger
  await publishUntil(sender, () => sent.messages > 0)
  const everything = await hear(t, bus)
  const exact = await hear(t, bus, 'exact')
  await publishUntil(sender, () => everything.messages.length > 0)
  await sender.heard('exact', { signal: AbortSignal.timeout(PATIENCE_MS) })
  assert.equal(exact.messages.length, 0)
  assert.equal(sender.hears('telem'), false)
  stop.abort()
  await looking
  await sender.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
})
