// Streams that go as fast as their subscribers take them: docs/flow.md.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import type { BrokerOptions } from '../../../src/core/bus/broker-options.ts'
import type { CarrierName } from '../../../src/core/bus/carrier.ts'
import { encodeMark, FLOW_TOPIC, type Wait } from '../../../src/core/bus/flow-message.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { formatterOf } from '../../../src/core/format/formats.ts'
import { Encoder } from '../../../src/core/publish/outgoing.ts'
import { copies } from '../../../src/core/publish/input.ts'
import { Publication } from '../../../src/core/publish/publication.ts'
import type { TopicSelection } from '../../../src/core/bus/topic-filter.ts'
import type { Sink } from '../../../src/core/sink/sink.ts'
import { FilterChain } from '../../../src/core/tap/filter.ts'
import { Recorder } from '../../../src/core/tap/recorder.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { busAt, hear, type LocalBus } from '../../helpers/local-bus.ts'
import { started } from '../../helpers/broker.ts'
import { eventually } from '../../helpers/spawned.ts'
import { rawPublisher, rawSubscriber } from '../../helpers/raw-sockets.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SIZE = 8 * KIB
/** More than all queues and the system hold together, but for what a tap drops: 48 MiB. */
const MESSAGES = 6 * KIB

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** A broker whose queue for each subscriber is short. */
async function brokerOf(t: TestContext, options: BrokerOptions = {}) {
  const anywhere = { xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' }
  const broker = new Broker({ ...anywhere, limits: { queue: MIB }, ...options })
  t.after(() => broker.close())
  const { xsub, xpub } = await broker.start()
  return { broker, bus: busAt(xsub.join(), xpub.join()) }
}

/** Publishes equal messages as fast as they go. `done` resolves once all are flushed, with the role closed. */
async function publication(
  t: TestContext,
  { xsub }: LocalBus,
  name: string,
  { isControlled = true, carrier = 'zmtp' }: { isControlled?: boolean; carrier?: CarrierName } = {},
) {
  const condition = new Condition()
  const waits: Wait[] = []
  const onWait = (wait: Wait) => {
    waits.push(wait)
    condition.notify()
  }
  const role = await started(
    t,
    new Publication({
      name,
      xsub,
      carrier,
      wait: PATIENCE_MS,
      queue: { messages: 100, bytes: MIB },
      onWait: isControlled ? onWait : undefined,
    }),
  )
  await role.ready(name, patience())
  const message = new Encoder({ maxMessage: MIB }).bytes(Buffer.alloc(SIZE, name))
  const publish = async () => {
    await role.run(
      copies(() => message, MESSAGES),
      patience(),
    )
    assert.equal(await role.flush(patience()), true)
    await role.close({ linger: PATIENCE_MS })
    assert.equal(role.ledger.sent.messages, MESSAGES)
  }
  return {
    role,
    done: publish(),
    untilHeld: () => condition.until(() => waits.length > 0, patience()),
    waits,
  }
}

/** A sink that takes nothing before it is opened, and then everything. */
class Gate implements Sink {
  readonly name = 'gate'
  readonly room = Number.POSITIVE_INFINITY
  bytes = 0
  readonly #condition = new Condition()
  #isOpen = false

  open(): void {
    this.#isOpen = true
    this.#condition.notify()
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#condition.until(() => this.#isOpen)
    this.bytes += chunk.length
  }

  async next(): Promise<void> {}

  async takeBack(): Promise<void> {}

  async close(): Promise<void> {
    this.open()
  }
}

/** A tap that writes payloads to a sink. */
async function recorder(t: TestContext, { xpub }: LocalBus, selection: TopicSelection) {
  const sink = new Gate()
  const none = new FilterChain([])
  const role = new Recorder({
    ...selection,
    xpub,
    watch: { filters: none, thinning: none },
    openSink: async () => sink,
    formatter: formatterOf('raw'),
    form: 'raw',
  })
  await started(t, role)
  await role.connected(patience())
  /** Resolves once it has written so many messages, all of which were published. */
  const wrote = async (messages: number) => {
    await eventually(() => role.ledger.sent.messages >= messages, `message ${messages}`)
    assert.deepEqual([role.ledger.sent.messages, sink.bytes], [messages, messages * SIZE])
    assert.deepEqual([role.ledger.totalLost, role.ledger.received.messages], [0, messages])
  }
  return { role, sink, wrote }
}

/** A subscriber that takes a message when its `take` says so, and is no tap. */
async function subscriber(t: TestContext, { xpub }: LocalBus, topic: string, take: () => Promise<void>) {
  class Slow extends ZMQInputClient {
    override process(): Promise<void> {
      return take()
    }
  }
  const role = await started(t, new Slow({ topics: [topic], xpub, xsub: null }))
  await role.connected(patience())
  return role
}

test('a stream waits for its slowest tap, none of them misses a message, and a command passes it', async t => {
  const { bus } = await brokerOf(t)
  const commands = await hear(t, bus, 'command')
  const quick = await recorder(t, bus, { topics: ['pass'] })
  const slow = await recorder(t, bus, { topics: ['command'], prefixes: ['pa'] })
  quick.sink.open()
  const { role, done, untilHeld } = await publication(t, bus, 'pass')
  await untilHeld()
  const client = await started(t, new ZMQClient({ name: 'command', xsub: bus.xsub }))
  await client.heard('command', patience())
  client.publish(Buffer.alloc(SIZE))
  await commands.atLeast(1)
  assert(role.ledger.received.messages < MESSAGES, 'it did not wait')
  slow.sink.open()
  await done
  await quick.wrote(MESSAGES)
  await slow.wrote(MESSAGES + 1)
})

test('what did not ask for flow control does not wait: the same tap drops', async t => {
  const { bus } = await brokerOf(t)
  const slow = await recorder(t, bus, { topics: ['pass'] })
  const { done } = await publication(t, bus, 'pass', { isControlled: false })
  await done
  slow.sink.open()
  const { ledger } = slow.role
  await eventually(() => ledger.sent.messages + ledger.totalLost === MESSAGES, 'the end')
  assert(ledger.totalLost > 0)
})

test('several streams at once, to a subscriber that is no tap: none of them loses a message', async t => {
  const { bus } = await brokerOf(t)
  const gate = new Condition()
  let isOpen = false
  const slow = await subscriber(t, bus, 'pass', () => gate.until(() => isOpen))
  const streams = await Promise.all([1, 2, 3].map(() => publication(t, bus, 'pass')))
  await Promise.all(streams.map(({ untilHeld }) => untilHeld()))
  isOpen = true
  gate.notify()
  await Promise.all(streams.map(({ done }) => done))
  await eventually(() => slow.ledger.received.messages === 3 * MESSAGES, 'all messages')
  assert.equal(slow.ledger.totalLost, 0)
})

test('a subscriber that leaves is waited for no longer', async t => {
  const { bus } = await brokerOf(t)
  const other = await recorder(t, bus, { topics: ['pass'] })
  other.sink.open()
  const stopped = await recorder(t, bus, { topics: ['pass'] })
  const { done, untilHeld } = await publication(t, bus, 'pass')
  await untilHeld()
  await stopped.role.close()
  assertBalanced(stopped.role.ledger)
  await done
  await other.wrote(MESSAGES)
})

test('the proxy restarts while a stream waits: it goes on, and all that is lost is counted', async t => {
  const { broker, bus } = await brokerOf(t)
  const slow = await recorder(t, bus, { topics: ['pass'] })
  const { role, done, untilHeld } = await publication(t, bus, 'pass')
  await untilHeld()
  await broker.close()
  assertBalanced(broker.ledger)
  await brokerOf(t, { xsub: bus.xsub, xpub: bus.xpub })
  slow.sink.open()
  await done
  const { ledger } = slow.role
  await eventually(() => ledger.sent.messages + ledger.lost('bus') === MESSAGES, 'the end')
  assert.deepEqual([ledger.lost('overflow'), role.ledger.totalLost], [0, 0])
})

test('a stream over libzmq waits too', async t => {
  const { bus } = await brokerOf(t)
  const tap = await recorder(t, bus, { topics: ['pass'] })
  const { done, untilHeld } = await publication(t, bus, 'pass', { carrier: 'libzmq' })
  await untilHeld()
  tap.sink.open()
  await done
  await tap.wrote(MESSAGES)
})

test('a proxy over libzmq offers no flow control, and the stream goes on without', async t => {
  const { bus } = await brokerOf(t, { carrier: 'libzmq' })
  const tap = await recorder(t, bus, { topics: ['pass'] })
  const { done, waits } = await publication(t, bus, 'pass')
  await done
  assert.deepEqual(waits, [])
  tap.sink.open()
})

test('subscribers have no say about the offer, and what is no mark is refused', async t => {
  const { broker, bus } = await brokerOf(t)
  const hostile = rawSubscriber(t, bus.xpub)
  const slow = await recorder(t, bus, { topics: ['pass'] })
  for (const subscribe of [1, 0]) await hostile.send(Buffer.from([subscribe, ...FLOW_TOPIC]))
  await hostile.send(Buffer.from('\u0001seen'))
  const publisher = rawPublisher(t, bus.xsub)
  await publisher.subscribed('seen')
  await publisher.send(FLOW_TOPIC, 'no mark')
  await eventually(() => broker.ledger.lost('malformed') === 1, 'the refusal')
  // It asks for flow control and goes: nothing waits for it.
  await publisher.send(FLOW_TOPIC, encodeMark(1))
  const { done, untilHeld } = await publication(t, bus, 'pass')
  await untilHeld()
  slow.sink.open()
  await done
  await slow.wrote(MESSAGES)
})
