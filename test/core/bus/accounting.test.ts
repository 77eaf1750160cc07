import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Subscriber as ForeignSubscriber, Publisher as SilentPublisher } from 'zeromq'
import { ANNOUNCEMENT_PREFIX } from '../../../src/core/bus/announcement.ts'
import { Broker } from '../../../src/core/bus/broker.ts'
import type { CarrierName } from '../../../src/core/bus/carrier.ts'
import type { TopicAccountRecord } from '../../../src/core/ledger-sections.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { BUSES } from '../../helpers/buses.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'

interface Urls {
  readonly xsub: string
  readonly xpub: string
}

async function startBroker(t: TestContext, carrier: CarrierName = 'zmtp'): Promise<Urls> {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*', carrier })
  t.after(() => broker.close())
  const { xsub, xpub } = await broker.start()
  return { xsub: xsub.join(), xpub: xpub.join() }
}

/** A tap whose state a test can wait for. */
async function watch(t: TestContext, { xpub }: Urls, topics: readonly string[] = ['telem']) {
  const condition = new Condition()
  const seen: string[] = []
  const tap = new Tap({
    xpub,
    topics,
    onMessage: message => {
      seen.push(message.topic)
      condition.notify()
    },
  })
  t.after(() => tap.close())
  await tap.start()
  await tap.connected()
  const account = () => {
    return (
      tap.ledger.toJSON().accounting?.['telem'] ?? { state: 'unknown', publishers: 0, announced: 0, lost: 0 }
    )
  }
  // Announcements come every half second, without an event, so the test looks at the account.
  const untilAccount = async (holds: (account: TopicAccountRecord) => boolean) => {
    const timer = setInterval(() => condition.notify(), 20)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await condition
      .until(() => holds(account()), { signal })
      .catch(() => assert.fail(JSON.stringify(account())))
      .finally(() => clearInterval(timer))
    return account()
  }
  return { tap, seen, untilAccount }
}

async function startPublisher(t: TestContext, { xsub }: Urls): Promise<ZMQClient> {
  const client = new ZMQClient({ name: 'telem', xsub })
  t.after(() => client.close())
  await client.start()
  await client.heard()
  return client
}

function publish(client: ZMQClient, messages: number): void {
  for (let i = 0; i < messages; i++) client.publish(Buffer.from(`${i}`))
}

for (const { name, start } of BUSES) {
  const state = name === "groundwire's proxy" ? 'accounted' : 'lower bound'

  test(`over ${name}, every message of several publishers is accounted for`, async t => {
    const bus = await start(t)
    if (bus === undefined) return
    const { tap, untilAccount } = await watch(t, bus)
    const [a, b] = [await startPublisher(t, bus), await startPublisher(t, bus)]
    // Each message from the first arrival on is known, even if the plain forwarder's short queues drop some of a burst.
    for (const client of [a, b]) publish(client, 1)
    await untilAccount(({ announced }) => announced === 2)
    publish(a, 999)
    publish(b, 1_999)
    await Promise.all([a.drain(), b.drain()])
    const account = await untilAccount(({ announced }) => announced === 3_000)
    const lost = 3_000 - tap.ledger.received.messages
    // Over another broker neither end knows whether a publisher has left with unannounced messages.
    assert.deepEqual(account, { state, publishers: 2, announced: 3_000, lost })
    assert.equal(tap.ledger.lost('bus'), lost)
  })
}

test('a late subscriber accounts from its start, and through a restart of the publisher', async t => {
  const bus = await startBroker(t)
  const early = await watch(t, bus)
  const first = await startPublisher(t, bus)
  publish(first, 500)
  await early.untilAccount(({ announced }) => announced === 500)
  const { untilAccount } = await watch(t, bus)
  await untilAccount(({ state }) => state === 'accounted')
  publish(first, 700)
  await first.drain()
  await first.close({ linger: 1_000 })
  const second = await startPublisher(t, bus)
  publish(second, 300)
  await second.drain()
  const account = await untilAccount(({ announced }) => announced >= 1_000)
  assert.deepEqual(account, { state: 'accounted', publishers: 1, announced: 1_000, lost: 0 })
})

test('a publisher without announcements makes its topic a lower bound, and the proxy counts its messages', async t => {
  const bus = await startBroker(t)
  const { tap, seen, untilAccount } = await watch(t, bus)
  const saying = await startPublisher(t, bus)
  const silent = new SilentPublisher({ linger: 0 })
  t.after(() => silent.close())
  silent.connect(bus.xsub)
  // A PUB socket doesn't tell when it has a listener, so it sends until one has heard it.
  while (seen.length === 0) await silent.send(['telem', Buffer.from('c400', 'hex')])
  publish(saying, 100)
  await saying.drain()
  const account = await untilAccount(
    ({ announced }) => announced >= 101 && announced === tap.ledger.received.messages,
  )
  assert.deepEqual([account.state, account.lost], ['lower bound', 0])
  assert.equal(tap.ledger.toJSON().lost.bus, null, 'no loss is known, but one is possible')
})

test('over another broker, counts are announced only to those who ask by name, cost under 1 % of the messages, and show in no tap', async t => {
  const bus = await startBroker(t, 'libzmq')
  const foreign = new ForeignSubscriber({ receiveHighWaterMark: 0, linger: 0 })
  t.after(() => foreign.close())
  foreign.connect(bus.xpub)
  foreign.subscribe('')
  const client = await startPublisher(t, bus)

  const read = async (messages: number) => {
    const topics: string[] = []
    for (let left = messages; left > 0; ) {
      const topic = String((await foreign.receive())[0])
      topics.push(topic)
      if (topic === 'telem') left -= 1
    }
    return topics
  }
  publish(client, 5_000)
  assert.deepEqual(new Set(await read(5_000)), new Set(['telem']))

  const { seen, untilAccount } = await watch(t, bus, [])
  await untilAccount(account => account.state === 'accounted')
  publish(client, 20_000)
  const topics = await read(20_000)
  const said = topics.filter(topic => topic === `${ANNOUNCEMENT_PREFIX}telem`).length
  assert(said > 0 && said < 200, `${said} announcements of 20,000 messages`)
  await untilAccount(({ announced }) => announced === 20_000)
  assert.deepEqual(new Set(seen), new Set(['telem']))
})

test("groundwire's proxy keeps its accounts from foreign subscribers that take everything", async t => {
  const bus = await startBroker(t)
  const foreign = new ForeignSubscriber({ receiveHighWaterMark: 0, linger: 0 })
  t.after(() => foreign.close())
  foreign.connect(bus.xpub)
  foreign.subscribe('')
  const { untilAccount } = await watch(t, bus, [])
  const client = await startPublisher(t, bus)
  publish(client, 5_000)
  await untilAccount(({ announced }) => announced === 5_000)
  const topics = new Set<string>()
  for (let i = 0; i < 5_000; i++) topics.add(String((await foreign.receive())[0]))
  assert.deepEqual(topics, new Set(['telem']))
})
