import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { Handling } from '../../../src/core/client/handling.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { Ledger, type Loss } from '../../../src/core/ledger.ts'
import type { ListenerError } from '../../../src/core/role.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { busAt, hear } from '../../helpers/local-bus.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { sendUdp } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** Results of a handler that are not promises, or only look like them. */
const RESULTS: readonly unknown[] = [
  true,
  likePromise((resolve: (value: unknown) => void) => resolve(1)),
  likePromise('no function'),
]

function likePromise(then: unknown): unknown {
  const value = {}
  Reflect.set(value, 'then', then)
  return value
}

/** A listener from a program without types. */
const rejects: () => unknown = async () => {
  await nextTurn()
  throw new Error('no network')
}

test('a handler of datagrams may return anything', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'Relay')
  class Relay extends PortInputClient {
    override process(packet: Buffer): unknown {
      this.publish(packet)
      return RESULTS[packet[0] as number]
    }
  }
  const role = await started(t, new Relay({ input: 0, xsub: bus.xsub }))
  await role.heard('Relay', patience())
  await sendUdp(role.address.port, [Buffer.of(0), Buffer.of(1), Buffer.of(2)])
  await heard.atLeast(3)
  await role.drain(patience())
  assert.equal(role.ledger.lost('failed'), 0)
  assert.equal(role.ledger.processed, 3)
  assertBalanced(role.ledger)
})

test('a handler of messages may return anything', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'Relay')
  class Relay extends ZMQInputClient {
    override process(message: Payload): unknown {
      const taken = this.publish(message)
      return message === 0 ? taken : RESULTS[message as number]
    }
  }
  const role = await started(t, new Relay({ topics: ['telem'], ...bus }))
  await role.heard('Relay', patience())
  const publisher = await heardPublisher(t, bus, 'telem')
  for (let i = 0; i < 3; i++) publisher.publish(i)
  await heard.atLeast(3)
  await role.drain(patience())
  assert.equal(role.ledger.lost('failed'), 0)
  assert.equal(role.ledger.processed, 3)
  assertBalanced(role.ledger)
})

test('whatever a handler throws is told, and the role goes on', async t => {
  const bus = await startBroker(t)
  const thrown: unknown[] = ['text', undefined, Object.create(null), new Error('broken')]
  class Bad extends ZMQInputClient {
    override process(message: Payload): unknown {
      throw thrown[message as number]
    }
  }
  const role = await started(t, new Bad({ topics: ['telem'], xsub: null, xpub: bus.xpub }))
  const losses: Loss[] = []
  const condition = new Condition()
  role.on('loss', loss => {
    losses.push(loss)
    condition.notify()
  })
  const publisher = await heardPublisher(t, bus, 'telem')
  for (let i = 0; i < thrown.length; i++) publisher.publish(i)
  await condition.until(() => losses.length === thrown.length, patience())
  assert.deepEqual(
    losses.map(({ reason }) => reason),
    ['text', 'undefined', '[Object: null prototype] {}', 'broken'],
  )
  assertBalanced(role.ledger)
})

test('a listener that throws, or rejects, ends nothing, changes no account, and is reported once', async t => {
  const bus = await startBroker(t)
  class Careless extends ZMQInputClient {}
  const role = new Careless({ topics: ['telem'], xsub: null, xpub: bus.xpub })
  const errors: ListenerError[] = []
  const condition = new Condition()
  let losses = 0
  role.on('loss', () => {
    throw new Error('no disk')
  })
  role.on('loss', rejects)
  role.once('link', () => {
    throw new Error('no screen')
  })
  role.on('loss', () => {
    losses += 1
    condition.notify()
  })
  role.on('listenerError', error => {
    errors.push(error)
    condition.notify()
    throw new Error('not even this')
  })
  await started(t, role)
  const publisher = await heardPublisher(t, bus, 'telem')
  for (let i = 0; i < 3; i++) publisher.publish(i)
  await condition.until(() => losses === 3 && errors.length >= 3, patience())
  await role.drain(patience())
  assert.equal(role.ledger.lost('failed'), 3)
  assertBalanced(role.ledger)
  assert.deepEqual(errors.map(({ event, error }) => `${event}: ${(error as Error).message}`).sort(), [
    'link: no screen',
    'loss: no disk',
    'loss: no network',
  ])
})

test('a listener of a publisher or of a broker that throws ends nothing either', async t => {
  const bus = await startBroker(t)
  const errors: string[] = []
  for (const event of ['peer', 'loss', 'slow'] as const)
    bus.broker.on(event, () => {
      throw new Error(event)
    })
  bus.broker.on('listenerError', ({ event }) => errors.push(event))
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'telem')
  const publisher = await heardPublisher(t, bus, 'telem', { maxMessage: 10 })
  publisher.on('loss', () => {
    throw new Error('no disk')
  })
  publisher.publish('over ten bytes')
  publisher.publish('short')
  await heard.atLeast(1)
  assert.equal(publisher.ledger.lost('oversize'), 1)
  assert.deepEqual(errors, ['peer'])
  assertBalanced(publisher.ledger)
})

test('a handler that closes its own role leaves books without a negative loss', async () => {
  const ledger = new Ledger('role')
  ledger.hasProcess = true
  const failures: unknown[] = []
  const { signal } = patience()
  for (const fails of [false, true]) {
    const handling: Handling<string, string> = new Handling(
      ledger,
      async () => {
        handling.close()
        assert.equal(ledger.lost('undeliverable'), 0)
        await new Promise(resolve => setImmediate(resolve))
        if (fails) throw new Error('after the end')
      },
      {
        onFailed: error => failures.push(error),
        onLeft: messages => assert.fail(`${messages} left`),
      },
    )
    void handling.hand('message', 'topic')
    // Lost until its handler has returned after all.
    assert.equal(ledger.lost('undeliverable'), 1)
    while (ledger.lost('undeliverable') > 0 && !signal.aborted) await nextTurn()
  }
  assert.deepEqual([ledger.processed, ledger.lost('undeliverable'), failures.length], [1, 0, 1])
})
