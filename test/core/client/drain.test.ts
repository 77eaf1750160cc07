import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { CARRIERS, type CarrierName } from '../../../src/core/bus/carrier.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { Loss } from '../../../src/core/ledger.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { sendUdp } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** Messages given to a slow role before it ends, of more that have arrived. */
const GIVEN = 50

/** Starts a role whose `process` takes 1 ms per message, except one that waits for the gate, and sends it a burst. */
async function slowReader(
  t: TestContext,
  carrier: CarrierName,
  messages: number,
  gate?: () => Promise<void>,
) {
  const bus = await startBroker(t)
  const seen: Payload[] = []
  const condition = new Condition()
  class Slow extends ZMQInputClient {
    override process(message: Payload): unknown {
      seen.push(message)
      condition.notify()
      return gate !== undefined && seen.length >= GIVEN ? gate() : after(1)
    }
  }
  const losses: Loss[] = []
  const role = new Slow({ topics: ['telem'], xsub: null, xpub: bus.xpub, carrier })
  role.on('loss', loss => losses.push(loss))
  await started(t, role)
  const publisher = await heardPublisher(t, bus, 'telem')
  for (let i = 0; i < messages; i++) publisher.publish(i)
  await publisher.drain(patience())
  await condition.until(() => seen.length >= GIVEN, patience())
  return { role, seen, losses }
}

for (const carrier of CARRIERS) {
  test(`over ${carrier}, draining sees out all messages that have arrived, one after the other`, async t => {
    const { role, seen } = await slowReader(t, carrier, 1_000)
    await role.drain(patience())
    await role.close()
    assert.deepEqual(
      seen,
      Array.from({ length: 1_000 }, (_, i) => i),
    )
    const { received, processed, lost } = role.ledger.toJSON()
    assert.deepEqual([received.messages, processed], [1_000, 1_000])
    assert.equal(lost.undeliverable, 0)
    assert.equal(role.ledger.lossless, true)
    assertBalanced(role.ledger)
  })

  test(`over ${carrier}, a drain that is given up can be waited for again, and takes nothing more in`, async t => {
    const condition = new Condition()
    let isOpen = false
    const gate = () => condition.until(() => isOpen)
    const { role, seen } = await slowReader(t, carrier, 100, gate)
    await assert.rejects(role.drain({ signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' })
    assert.equal(seen.length, GIVEN)
    isOpen = true
    condition.notify()
    await role.drain(patience())
    assert.equal(seen.length, 100)
    assertBalanced(role.ledger)
  })

  test(`over ${carrier}, closing counts what had arrived and was not handled`, async t => {
    const condition = new Condition()
    let isOpen = false
    const gate = () => condition.until(() => isOpen)
    const { role, seen, losses } = await slowReader(t, carrier, 100, gate)
    // A drain that one message's handler holds up still reads the messages behind it.
    await assert.rejects(role.drain({ signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' })
    await role.close()
    assert.equal(seen.length, GIVEN)
    const { processed } = role.ledger
    assert.deepEqual([role.ledger.received.messages, processed], [100, GIVEN - 1])
    const left = 100 - processed
    assert.equal(role.ledger.lost('undeliverable'), left)
    const told = losses.reduce((sum, { messages = 1 }) => sum + messages, 0)
    assert.equal(told, left)
    assert(losses.every(({ reason }) => reason === 'still in hand when this role was closed'))
    assertBalanced(role.ledger)
    // A handler that finishes after all has handled its message. Nothing more is passed to `process`.
    isOpen = true
    condition.notify()
    const { signal } = patience()
    while (role.ledger.processed === processed && !signal.aborted) await nextTurn()
    assert.equal(role.ledger.lost('undeliverable'), left - 1)
    assert.equal(seen.length, GIVEN)
    assertBalanced(role.ledger)
  })
}

test('closing counts the datagrams whose handlers are not done', async t => {
  const bus = await startBroker(t)
  const condition = new Condition()
  let entered = 0
  class Stuck extends PortInputClient {
    override process(): Promise<void> {
      entered += 1
      condition.notify()
      return new Promise(() => {})
    }
  }
  const role = await started(t, new Stuck({ input: 0, xsub: bus.xsub }))
  const losses: Loss[] = []
  role.on('loss', loss => losses.push(loss))
  await sendUdp(role.address.port, [Buffer.of(1), Buffer.of(2), Buffer.of(3)])
  await condition.until(() => entered === 3, patience())
  await role.close()
  assert.equal(role.ledger.lost('undeliverable'), 3)
  assert.deepEqual(losses, [
    { cause: 'undeliverable', reason: 'still in hand when this role was closed', messages: 3 },
  ])
  assertBalanced(role.ledger)
})
