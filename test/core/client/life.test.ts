import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { PortOutputClient } from '../../../src/core/client/port-output-client.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { UdpIn } from '../../../src/core/client/udp-in.ts'
import { UdpOut } from '../../../src/core/client/udp-out.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Publication } from '../../../src/core/publish/publication.ts'
import type { BaseEvents, Role } from '../../../src/core/role.ts'
import { Simulator } from '../../../src/core/simulator.ts'
import { formatterOf } from '../../../src/core/format/formats.ts'
import { StreamSink } from '../../../src/core/sink/stream-sink.ts'
import { FilterChain } from '../../../src/core/tap/filter.ts'
import { Recorder } from '../../../src/core/tap/recorder.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { busAt, hear } from '../../helpers/local-bus.ts'

interface Urls {
  readonly xsub: string
  readonly xpub: string
}

const NOWHERE: Urls = { xsub: 'tcp://127.0.0.1:1', xpub: 'tcp://127.0.0.1:1' }
const FREE = { host: '127.0.0.1', port: 0 }

const CLIENTS: Readonly<Record<string, (bus: Urls) => ZMQClient>> = {
  ZMQClient: ({ xsub }) => new ZMQClient({ xsub }),
  ZMQInputClient: ({ xsub, xpub }) => new ZMQInputClient({ xsub, xpub }),
  PortInputClient: ({ xsub }) => new PortInputClient({ xsub, input: 0 }),
  PortOutputClient: ({ xpub }) => new PortOutputClient({ xpub, output: 9 }),
  UdpIn: ({ xsub }) => new UdpIn({ xsub, input: 0 }),
  UdpOut: ({ xpub }) => new UdpOut({ xpub, output: 9 }),
  Tap: ({ xpub }) => new Tap({ xpub, onMessage: () => {} }),
  Publication: ({ xsub }) => new Publication({ xsub, wait: 1_000 }),
  Recorder: ({ xpub }) =>
    new Recorder({
      xpub,
      watch: { filters: new FilterChain([]), thinning: new FilterChain([]) },
      openSink: async () => new StreamSink(new PassThrough().resume(), 'nowhere'),
      formatter: formatterOf('text'),
      form: 'text',
    }),
}

const ROLES: Readonly<Record<string, (bus: Urls) => Role<BaseEvents, unknown>>> = {
  ...CLIENTS,
  Broker: () =>
    new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' }) as Role<BaseEvents, unknown>,
  Simulator: () => new Simulator({ to: { ...FREE, port: 9 }, rate: 1, apid: 1, size: 64 }),
}

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

for (const [name, make] of Object.entries(ROLES)) {
  test(`${name} has one life: calls out of order are refused with a code`, async t => {
    const role = make(NOWHERE)
    t.after(() => role.close())
    await assert.rejects(role.drain(), { code: 'NOT_STARTED' })
    const starting = role.start()
    await assert.rejects(role.start(), { code: 'ALREADY_STARTED' })
    await starting
    await assert.rejects(role.start(), { code: 'ALREADY_STARTED' })
    await role.drain(patience())
    await assert.rejects(role.start(), { code: 'ALREADY_STARTED' })
    await role.close()
    await role.close()
    await assert.rejects(role.start(), { code: 'CLOSED' })
    await assert.rejects(role.drain(), { code: 'CLOSED' })
    assertBalanced(role.ledger)
  })

  test(`${name} that is closed while it starts, or before that, does not start`, async () => {
    const role = make(NOWHERE)
    const starting = role.start()
    await Promise.all([role.close(), role.close(), assert.rejects(starting, { code: 'CLOSED' })])
    const never = make(NOWHERE)
    await never.close()
    await assert.rejects(never.start(), { code: 'CLOSED' })
    assert(role.ledger.stopped && never.ledger.stopped)
  })

  test(`${name} whose start is given up is closed`, async () => {
    const role = make(NOWHERE)
    await assert.rejects(role.start({ signal: AbortSignal.abort(new Error('enough')) }), {
      message: 'enough',
    })
    await assert.rejects(role.start(), { code: 'CLOSED' })
  })
}

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`what waits for a ${name} ends when it is closed`, async () => {
    const role = make(NOWHERE)
    await role.start()
    const waits = [role.connected()]
    // The role of a form without a publisher is refused that at once.
    if (!['Tap', 'Recorder', 'UdpOut', 'PortOutputClient'].includes(name)) waits.push(role.heard('telem'))
    const outcomes = Promise.allSettled(waits)
    await role.close()
    for (const outcome of await outcomes)
      assert.equal(outcome.status === 'rejected' && (outcome.reason as { code: string }).code, 'CLOSED')
    await assert.rejects(role.connected(), { code: 'CLOSED' })
    await assert.rejects(role.writable(), { code: 'CLOSED' })
    if (waits.length === 2) await assert.rejects(role.heard('telem'), { code: 'CLOSED' })
    assert.throws(() => role.publish('late'), { code: 'CLOSED' })
  })
}

test('what waits for room, or for the queue to go out, ends when the role is closed', async () => {
  const role = new ZMQClient({ ...NOWHERE, queue: { messages: 4, bytes: 1_000 } })
  await role.start()
  for (let i = 0; i < 4; i++) role.publish('x')
  const outcomes = [
    assert.rejects(role.writable(), { code: 'CLOSED' }),
    assert.rejects(role.drain(), { code: 'CLOSED' }),
  ]
  await role.close()
  await Promise.all(outcomes)
  assert.equal(role.ledger.lost('undeliverable'), 4)
  assertBalanced(role.ledger)
})

test('a role that has no publisher says so', async () => {
  const role = new ZMQClient({ xsub: null, name: 'mute' })
  assert.throws(() => role.publish('x'), { code: 'NO_PUBLISHER' })
  assert.throws(() => role.hears(), { code: 'NO_PUBLISHER' })
  await assert.rejects(role.heard(), { code: 'NO_PUBLISHER' })
  assertBalanced(role.ledger)
})

test('what is published before the start goes out once somebody listens', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'early')
  const role = new ZMQClient({ name: 'early', xsub: bus.xsub })
  t.after(() => role.close())
  assert.equal(role.publish('first'), true)
  await role.start()
  assert.deepEqual(
    (await heard.atLeast(1)).map(({ decoded }) => decoded.payload),
    ['first'],
  )
  assertBalanced(role.ledger)
})

test('an output has no socket before the start', () => {
  const role = new PortOutputClient({ xpub: NOWHERE.xpub, output: 9 })
  assert.throws(() => role.publish(Buffer.of(1)), { code: 'NOT_STARTED' })
})

/** A UDP port in use for the duration of the test. */
async function takenUdpPort(t: TestContext): Promise<number> {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket.address().port
}

test('a client whose port is in use is closed, and connects to nobody', async t => {
  const bus = await startBroker(t)
  const joined: string[] = []
  bus.broker.on('peer', ({ type }) => joined.push(type))
  const role = new PortInputClient({ xsub: bus.xsub, input: await takenUdpPort(t) })
  await assert.rejects(role.start(), { code: 'ADDRESS_IN_USE' })
  await assert.rejects(role.start(), { code: 'CLOSED' })
  // A peer that joins now joins after any connection of the failed role.
  const next = await started(t, new ZMQClient({ xsub: bus.xsub }))
  await next.connected(patience())
  while (joined.length === 0) await once(bus.broker, 'peer', patience())
  assert.deepEqual(joined, ['joined'])
})

test('a client whose output has no address gives its other sockets back', async t => {
  const bus = await startBroker(t)
  const role = new PortOutputClient({
    xpub: bus.xpub,
    output: ['127.0.0.1:9', 'no.such.host.invalid:9', '127.0.0.1:10'],
  })
  await assert.rejects(role.start(), { code: 'NAME_NOT_FOUND' })
  await assert.rejects(role.start(), { code: 'CLOSED' })
})

test('a broker that gets one of its ports only gives it back', async t => {
  const taken = createServer()
  t.after(() => taken.close())
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const { port } = taken.address() as { port: number }
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const free = (probe.address() as { port: number }).port
  await new Promise(done => probe.close(done))
  const broker = new Broker({ xpub: `tcp://127.0.0.1:${free}`, xsub: `tcp://127.0.0.1:${port}` })
  await assert.rejects(broker.start(), { code: 'ADDRESS_IN_USE' })
  await assert.rejects(broker.start(), { code: 'CLOSED' })
  const next = createServer()
  t.after(() => next.close())
  await once(next.listen(free, '127.0.0.1'), 'listening')
})

test('a subclass that overrides all three keeps the order, whatever it does around them', async t => {
  const bus = await startBroker(t)
  const seen: string[] = []
  class Own extends PortInputClient {
    override async start(): Promise<void> {
      seen.push('start')
      await super.start()
      seen.push(`listens: ${this.address.port > 0}`)
    }
    override async drain(...options: Parameters<PortInputClient['drain']>): Promise<void> {
      await super.drain(...options)
      seen.push('drained')
    }
    override async close(...options: Parameters<PortInputClient['close']>): Promise<void> {
      seen.push('close')
      await super.close(...options)
    }
  }
  {
    await using role = new Own({ xsub: bus.xsub, input: 0 })
    await role.start()
    await role.drain(patience())
  }
  assert.deepEqual(seen, ['start', 'listens: true', 'drained', 'close'])
})
