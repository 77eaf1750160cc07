import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CARRIERS, type CarrierName } from '../../../src/core/bus/carrier.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient, type ZMQInputClientOptions } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** A role and a publisher on their own bus, and the role's messages: `topic payload`. */
async function pair(t: TestContext, carrier: CarrierName, options: ZMQInputClientOptions) {
  const bus = await startBroker(t)
  const seen: string[] = []
  const condition = new Condition()
  class Reader extends ZMQInputClient {
    override process(message: Payload, topic: string): void {
      seen.push(`${topic} ${message as number}`)
      condition.notify()
    }
  }
  const role = new Reader({ ...options, xsub: null, xpub: bus.xpub, carrier })
  const publisher = await started(t, new ZMQClient({ xsub: bus.xsub }))
  await publisher.connected(patience())
  bus.broker.on('peer', () => condition.notify())
  const until = (holds: () => boolean) => condition.until(holds, patience())
  /** Resolves once a topic is subscribed to, or no longer. */
  const isAsked = async (topic: string, asked = true) => {
    const timer = setInterval(() => condition.notify(), 5)
    await until(() => publisher.hears(topic) === asked).finally(() => clearInterval(timer))
  }
  /** Resolves once so many messages are unheard. */
  const isUnheard = async (messages: number) => {
    const timer = setInterval(() => condition.notify(), 5)
    await until(() => publisher.ledger.unheard === messages).finally(() => clearInterval(timer))
  }
  return { role, publisher, seen, until, isAsked, isUnheard, start: () => started(t, role) }
}

for (const carrier of CARRIERS) {
  test(`over ${carrier}, a role that runs asks for further topics, and for fewer`, async t => {
    const { role, publisher, seen, until, isAsked, isUnheard, start } = await pair(t, carrier, {
      topics: ['a'],
    })
    await start()
    await isAsked('a')
    publisher.publish(1, 'a')
    await until(() => seen.length === 1)
    role.subscribe('b', { prefix: 'sat1/' })
    await isAsked('sat1/x')
    await isAsked('b')
    publisher.publish(2, 'b')
    publisher.publish(3, 'bb')
    publisher.publish(4, 'sat1/x')
    publisher.publish(5, 'a')
    await until(() => seen.length === 4)
    role.unsubscribe('a', { prefix: 'sat1/' })
    await isAsked('a', false)
    await isAsked('sat1/x', false)
    publisher.publish(6, 'a')
    publisher.publish(7, 'b')
    await until(() => seen.length === 5)
    // A topic without a subscriber is expected back for a moment, and unheard after that.
    await isUnheard(1)
    role.subscribe('a')
    await isAsked('a')
    publisher.publish(8, 'a')
    await until(() => seen.length === 6)
    assert.deepEqual(seen, ['a 1', 'b 2', 'sat1/x 4', 'a 5', 'b 7', 'a 8'])
    await role.drain(patience())
    assert.equal(role.ledger.received.messages, 6)
    assert.equal(role.ledger.lost('bus'), 0)
    assertBalanced(role.ledger)
  })
}

test('a topic stays asked for while a prefix of the same name is', async t => {
  const { role, publisher, seen, until, isAsked, start } = await pair(t, 'zmtp', { topics: ['sat1'] })
  await start()
  role.subscribe({ prefix: 'sat1' })
  role.unsubscribe('sat1')
  role.subscribe('last')
  await isAsked('last')
  assert.equal(publisher.hears('sat1'), true)
  publisher.publish(1, 'sat12')
  await until(() => seen.length === 1)
  assert.deepEqual(seen, ['sat12 1'])
})

test('a role that takes everything stops to when it is told, and begins with what it has been given before the start', async t => {
  const { role, publisher, seen, until, isAsked, start } = await pair(t, 'zmtp', {})
  role.unsubscribe({ prefix: '' })
  role.subscribe('only')
  await start()
  await isAsked('only')
  assert.equal(publisher.hears('other'), false)
  publisher.publish(1, 'only')
  role.subscribe({ prefix: '' })
  await isAsked('other')
  publisher.publish(2, 'other')
  await until(() => seen.length === 2)
  assert.deepEqual(seen, ['only 1', 'other 2'])
})

test('subscriptions that are made are made again when the proxy comes back', async t => {
  const first = await startBroker(t)
  const seen: string[] = []
  const condition = new Condition()
  class Reader extends ZMQInputClient {
    override process(_: Payload, topic: string): void {
      seen.push(topic)
      condition.notify()
    }
  }
  const role = await started(t, new Reader({ topics: ['old'], xsub: null, xpub: first.xpub }))
  await role.connected(patience())
  role.subscribe('new')
  role.unsubscribe('old')
  await first.broker.close()
  const { Broker } = await import('../../../src/core/bus/broker.ts')
  const second = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: first.xpub })
  t.after(() => second.close())
  const { xsub } = await second.start()
  const publisher = await started(t, new ZMQClient({ xsub: xsub.join() }))
  await publisher.heard('new', patience())
  assert.equal(publisher.hears('old'), false)
  publisher.publish(1, 'new')
  await condition.until(() => seen.length === 1, patience())
})

test('what is no topic is refused, and so is a change of a role that drains or is closed', async t => {
  const { role, start } = await pair(t, 'zmtp', { topics: ['a'] })
  assert.throws(() => role.subscribe('x'.repeat(1025)), { code: 'USAGE' })
  assert.throws(() => role.unsubscribe({ prefix: 7 } as unknown as string), {
    code: 'USAGE',
    message: 'prefix: 7 is not a topic: text of at most 1024 bytes in UTF-8',
  })
  await start()
  await role.drain(patience())
  assert.throws(() => role.subscribe('b'), {
    code: 'CLOSED',
    message: 'Reader takes nothing more in: it drains',
  })
  await role.close()
  assert.throws(() => role.unsubscribe('a'), { code: 'CLOSED' })
})
