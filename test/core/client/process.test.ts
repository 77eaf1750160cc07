import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { NotImplementedError } from '../../../src/core/errors.ts'
import type { Loss } from '../../../src/core/ledger.ts'
import { bytesOf, type Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { sendUdp } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

test("a role that does not say what to do with a message fails each, by its class's name, and goes on", async t => {
  const { xsub, xpub } = await startBroker(t)
  class Careless extends ZMQInputClient {}
  const role = await started(t, new Careless({ topics: ['telem'], xsub: null, xpub }))
  const losses: Loss[] = []
  const condition = new Condition()
  role.on('loss', loss => {
    losses.push(loss)
    condition.notify()
  })
  const publisher = await started(t, new ZMQClient({ name: 'telem', xsub }))
  await publisher.heard('telem', patience())
  publisher.publish('one')
  publisher.publish('two')
  await condition.until(() => losses.length === 2, patience())
  for (const { cause, reason, error } of losses) {
    assert.equal(cause, 'failed')
    assert.equal(reason, 'Careless does not implement process(): override it in a subclass')
    assert(error instanceof NotImplementedError)
  }
  assert.equal(role.ledger.lost('failed'), 2)
  assertBalanced(role.ledger)
})

test('messages are processed in order, one at a time, and one that fails does not end the role', async t => {
  const { xsub, xpub } = await startBroker(t)
  const seen: string[] = []
  const condition = new Condition()
  class Slow extends ZMQInputClient {
    #busy = false
    override async process(message: Payload, topic: string): Promise<void> {
      assert.equal(this.#busy, false)
      this.#busy = true
      await nextTurn()
      this.#busy = false
      seen.push(`${topic} ${Buffer.from(bytesOf(message) ?? []).toString()}`)
      condition.notify()
      if (seen.length === 2) throw new Error('not this one')
    }
  }
  const role = await started(t, new Slow({ topics: ['a', 'b'], xsub: null, xpub }))
  const publisher = await started(t, new ZMQClient({ xsub }))
  await Promise.all([publisher.heard('a', patience()), publisher.heard('b', patience())])
  for (const [topic, text] of ['a1', 'b2', 'a3', 'b4'].map(
    ([topic = '', text = '']) => [topic, text] as const,
  ))
    publisher.publish(text, topic)
  await condition.until(() => seen.length === 4, patience())
  assert.deepEqual(seen, ['a 1', 'b 2', 'a 3', 'b 4'])
  await role.drain(patience())
  assert.equal(role.ledger.lost('failed'), 1)
  assert.equal(role.ledger.received.messages, 4)
})

test('datagrams are handled with the address that they came from, and one that fails does not end the role', async t => {
  const { xsub, xpub } = await startBroker(t)
  const from = new Set<string>()
  class Echo extends PortInputClient {
    override handle(packet: Buffer, address: { address: string }) {
      from.add(address.address)
      return super.handle(packet, address as never)
    }
    override process(packet: Payload): void {
      if (bytesOf(packet)?.length === 0) throw new Error('empty')
      this.publish(packet)
    }
  }
  const texts: string[] = []
  const condition = new Condition()
  class Reader extends ZMQInputClient {
    override process(message: Payload): void {
      texts.push(Buffer.from(bytesOf(message) ?? []).toString())
      condition.notify()
    }
  }
  const reader = await started(t, new Reader({ topics: ['Echo'], xsub: null, xpub }))
  const role = await started(t, new Echo({ input: 0, xsub }))
  await role.heard(role.name, patience())
  await sendUdp(
    role.address.port,
    ['a', '', 'b'].map(text => Buffer.from(text)),
  )
  await condition.until(() => texts.length === 2, patience())
  assert.deepEqual(texts, ['a', 'b'])
  assert.deepEqual([...from], ['127.0.0.1'])
  await role.drain(patience())
  assert.equal(role.ledger.lost('failed'), 1)
  assertBalanced(role.ledger)
  assert.deepEqual(Object.keys(reader.ledger.toJSON().topics), ['Echo'])
})

test('draining waits for datagrams that are still being processed', async t => {
  const { xsub, xpub } = await startBroker(t)
  await started(t, new ZMQInputClient({ topics: ['Later'], xsub: null, xpub }))
  const condition = new Condition()
  let entered = false
  let release: (() => void) | undefined
  class Later extends PortInputClient {
    override async process(packet: Payload): Promise<void> {
      entered = true
      condition.notify()
      await new Promise<void>(resolve => (release = resolve))
      this.publish(packet)
    }
  }
  const role = await started(t, new Later({ input: 0, xsub }))
  await role.heard('Later', patience())
  await sendUdp(role.address.port, [Buffer.from('x')])
  await condition.until(() => entered, patience())
  await assert.rejects(role.drain({ signal: AbortSignal.timeout(150) }), { name: 'TimeoutError' })
  release?.()
  await role.drain(patience())
  assert.equal(role.ledger.sent.messages, 1)
  assertBalanced(role.ledger)
})
