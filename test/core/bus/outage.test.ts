// Messages published before a late proxy starts, or during its restart, reach every subscriber that waited.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { CARRIERS, type CarrierName } from '../../../src/core/bus/carrier.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { Unheard } from '../../../src/core/ledger.ts'
import { started } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { unusedPort } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

interface Urls {
  readonly xsub: string
  readonly xpub: string
}

async function freeUrls(): Promise<Urls> {
  return {
    xsub: `tcp://127.0.0.1:${await unusedPort()}`,
    xpub: `tcp://127.0.0.1:${await unusedPort()}`,
  }
}

async function startBroker(t: TestContext, urls: Urls, carrier: CarrierName): Promise<Broker> {
  const broker = new Broker({ ...urls, carrier })
  t.after(() => broker.close())
  await broker.start()
  return broker
}

async function listen(t: TestContext, { xpub }: Urls, topics: readonly string[], carrier: CarrierName) {
  const condition = new Condition()
  const seen: string[] = []
  const tap = new Tap({
    topics,
    xpub,
    carrier,
    onMessage: ({ bytes = Buffer.alloc(0) }) => {
      seen.push(Buffer.from(bytes).toString())
      condition.notify()
    },
  })
  await started(t, tap)
  const atLeast = (count: number) => condition.until(() => seen.length >= count, patience())
  return { tap, seen, atLeast }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

for (const carrier of CARRIERS) {
  test(`over ${carrier}, messages published before there was a proxy reach every subscriber that waited`, async t => {
    const urls = await freeUrls()
    const client = await started(t, new ZMQClient({ name: 'telem', xsub: urls.xsub, carrier }))
    const listeners = await Promise.all([1, 2, 3].map(() => listen(t, urls, ['telem'], carrier)))
    for (const text of numbers(0, 120)) client.publish(text)
    await startBroker(t, urls, carrier)
    for (const { seen, atLeast } of listeners) {
      await atLeast(120)
      assert.deepEqual(seen, numbers(0, 120))
    }
    assert.deepEqual([client.ledger.sent.messages, client.ledger.unheard], [120, 0])
  })

  test(`over ${carrier}, messages published during a proxy's restart reach every subscriber, time after time`, async t => {
    const urls = await freeUrls()
    let broker = await startBroker(t, urls, carrier)
    const client = await started(t, new ZMQClient({ name: 'telem', xsub: urls.xsub, carrier }))
    const listeners = await Promise.all([1, 2, 3].map(() => listen(t, urls, ['telem'], carrier)))
    await client.heard('telem', patience())
    await Promise.all(listeners.map(({ tap }) => tap.connected(patience())))
    for (let round = 0; round < 3; round++) {
      const lost = new Promise(resolve => client.once('link', resolve))
      await broker.close()
      await lost
      const sent = numbers(100 * round, 100 * round + 100)
      for (const text of sent) client.publish(text)
      broker = await startBroker(t, urls, carrier)
      for (const { seen, atLeast } of listeners) {
        await atLeast(100 * round + 100)
        assert.deepEqual(seen.slice(100 * round), sent)
      }
    }
    assert.deepEqual([client.ledger.totalLost, client.ledger.unheard], [0, 0])
  })
}

test('a topic waits for its subscriber that is late to return, and does not hold up other topics', async t => {
  const urls = await freeUrls()
  const broker = await startBroker(t, urls, 'zmtp')
  const client = await started(t, new ZMQClient({ name: 'prompt', xsub: urls.xsub }))
  const prompt = await listen(t, urls, ['prompt'], 'zmtp')
  const late = await listen(t, urls, ['late'], 'zmtp')
  await client.heard('prompt', patience())
  await client.heard('late', patience())
  const lost = new Promise(resolve => client.once('link', resolve))
  await broker.close()
  await lost
  await late.tap.close()
  for (const text of numbers(0, 50)) {
    client.publish(text, 'late')
    client.publish(text, 'prompt')
  }
  await startBroker(t, urls, 'zmtp')
  await prompt.atLeast(50)
  client.publish('50', 'late')
  client.publish('50', 'prompt')
  await prompt.atLeast(51)
  const back = await listen(t, urls, ['late'], 'zmtp')
  await back.atLeast(51)
  assert.deepEqual([prompt.seen, back.seen], [numbers(0, 51), numbers(0, 51)])
  assert.equal(client.ledger.unheard, 0)
})

test('an unheard message is reported, with whether its topic had a subscriber before', async t => {
  const urls = await freeUrls()
  await startBroker(t, urls, 'zmtp')
  const client = await started(t, new ZMQClient({ name: 'telem', xsub: urls.xsub }))
  const condition = new Condition()
  const unheard: Unheard[] = []
  client.on('unheard', event => {
    unheard.push(event)
    condition.notify()
  })
  const { tap, atLeast } = await listen(t, urls, ['telem'], 'zmtp')
  await client.heard('telem', patience())
  client.publish('somebody')
  await atLeast(1)
  client.publish('nobody', 'other')
  await condition.until(() => unheard.length === 1, patience())
  await tap.close()
  while (client.hears('telem')) await new Promise(resolve => setImmediate(resolve))
  client.publish('nobody any more')
  await condition.until(() => unheard.length === 2, patience())
  assert.deepEqual(unheard, [
    { topic: 'other', messages: 1, heardBefore: false },
    { topic: 'telem', messages: 1, heardBefore: true },
  ])
})
