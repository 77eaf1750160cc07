import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CarrierName, CARRIERS } from '../../../src/core/bus/carrier.ts'
import { topicsNow } from '../../../src/core/bus/topics-now.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
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
    assert.deepEqual(await untilSeen(bus.xpub, carrier, ['busy', 'quiet']), ['busy', 'quiet'])
    const [busiest, ...others] = await topicsNow({ xpub: bus.xpub, carrier, durationMs: 300, limit: 1 })
    assert(busiest !== undefined && others.length === 0)
  })
}

/** Listens longer and longer until these topics are seen, as the machine may be busy. @returns the topics seen last */
async function untilSeen(xpub: string, carrier: CarrierName, wanted: readonly string[]) {
  for (let durationMs = 300; ; durationMs *= 2) {
    const topics = await topicsNow({ xpub, carrier, durationMs })
    if (topics.join() === wanted.join() || durationMs > PATIENCE_MS) return topics
  }
}

test('without a proxy no topic is listed', async () => {
  const xpub = `tcp://127.0.0.1:${await unusedPort()}`
  assert.deepEqual(await topicsNow({ xpub, durationMs: 50 }), [])
})

test('a signal ends the listening, with the topics seen so far', async t => {
  const bus = await localBus(t)
  const sender = new ZMQClient({ name: 'telem', xsub: bus.xsub })
  t.after(() => sender.close())
  await sender.start()
  const stop = new AbortController()
  const looking = topicsNow({ xpub: bus.xpub, durationMs: PATIENCE_MS, signal: stop.signal })
  await sender.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  stop.abort()
  assert.deepEqual(await looking, [])
})
