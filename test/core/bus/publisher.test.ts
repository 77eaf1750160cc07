import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { bytesOf, type Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { unusedPort } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

class Reader extends ZMQInputClient {
  readonly texts: string[] = []
  readonly #condition = new Condition()

  override process(message: Payload): void {
    this.texts.push(Buffer.from(bytesOf(message) ?? []).toString())
    this.#condition.notify()
  }

  async atLeast(count: number): Promise<string[]> {
    await this.#condition.until(() => this.texts.length >= count, patience())
    return this.texts
  }
}

test('messages published before there is a proxy arrive in order once there is one', async t => {
  const xsub = `tcp://127.0.0.1:${await unusedPort()}`
  const publisher = await started(t, new ZMQClient({ name: 'telem', xsub }))
  const expected = Array.from({ length: 1_000 }, (_, i) => `message ${i}`)
  for (const text of expected) publisher.publish(text)

  const xpub = `tcp://127.0.0.1:${await unusedPort()}`
  const reader = await started(t, new Reader({ topics: ['telem'], xsub: null, xpub }))

  const broker = new Broker({ xsub, xpub })
  t.after(() => broker.close())
  await broker.start()
  assert.deepEqual(await reader.atLeast(expected.length), expected)
  assert.equal(publisher.ledger.sent.messages, expected.length)
  assert.equal(publisher.ledger.unheard, 0)
})

test('a message without a subscriber is unheard, and does not count as a loss', async t => {
  const { xsub, xpub } = await startBroker(t)
  await started(t, new Reader({ topics: ['telemetry'], xsub: null, xpub }))
  const publisher = await started(t, new ZMQClient({ name: 'telem', xsub }))
  await publisher.heard('telemetry', patience())
  publisher.publish('one')
  publisher.publish('two')
  await publisher.drain(patience())
  assert.equal(publisher.ledger.unheard, 2)
  assert.equal(publisher.ledger.sent.messages, 0)
  assert.equal(publisher.ledger.totalLost, 0)
})

test('a full queue drops the oldest messages, counts them, and says when to wait', async t => {
  const xsub = `tcp://127.0.0.1:${await unusedPort()}`
  const publisher = await started(
    t,
    new ZMQClient({ name: 'telem', xsub, queue: { messages: 10, bytes: 1_000_000 } }),
  )
  const room = Array.from({ length: 15 }, (_, i) => publisher.publish(`message ${i}`))
  assert.deepEqual(room, [...Array(4).fill(true), ...Array(11).fill(false)])
  assert.equal(publisher.ledger.lost('overflow'), 5)
  await assert.rejects(publisher.writable({ signal: AbortSignal.timeout(20) }))
  await assert.rejects(publisher.drain({ signal: AbortSignal.timeout(20) }))
  await publisher.close()
  assert.equal(publisher.ledger.lost('undeliverable'), 10)
})

test('a payload over the limit is counted as lost, and the next one is not', async t => {
  const { xsub } = await startBroker(t)
  const publisher = await started(t, new ZMQClient({ name: 'telem', xsub, maxMessage: 4 }))
  publisher.publish('12345')
  publisher.publish(Buffer.from('12345'))
  assert.equal(publisher.ledger.lost('oversize'), 2)
  publisher.publish(Buffer.from('1234'))
  await publisher.drain(patience())
  assert.equal(publisher.ledger.unheard, 1)
})
