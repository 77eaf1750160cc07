// Limits of one broker, per connection and in total.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import type { BrokerOptions } from '../../../src/core/bus/broker-options.ts'
import { isTopicLength, type LimitEvent, type LimitValues } from '../../../src/core/bus/limits.ts'
import { Condition } from '../../../src/core/condition.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { claim, command, frame, handshake, HostilePeer, message } from '../../attacks/hostile-peer.ts'
import { MORE } from '../../../src/core/bus/zmtp/frame.ts'
import { GREETING } from '../../../src/core/bus/zmtp/handshake.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { hear, busAt, send } from '../../helpers/local-bus.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })
const subscribe = (prefix: string) => command('SUBSCRIBE', Buffer.from(prefix))

/** A broker with these limits, and its events. */
async function limited(
  t: TestContext,
  limits: LimitValues,
  options: Pick<BrokerOptions, 'admitAfterMs'> = {},
) {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*', limits, ...options })
  const condition = new Condition()
  const told = {
    limits: [] as LimitEvent[],
    losses: [] as string[],
    refused: [] as string[],
    prefixes: [] as string[],
    left: [] as number[],
    joined: [] as (string | undefined)[],
  }
  broker.on('limit', event => told.limits.push(event))
  broker.on('loss', ({ cause, reason }) => {
    told.losses.push(`${cause}: ${reason}`)
    condition.notify()
  })
  broker.on('peer', ({ type, detail, peer, reason = '', dropped = 0 }) => {
    if (type === 'refused') told.refused.push(reason)
    if (type === 'joined') told.joined.push(peer)
    if (type === 'left') told.left.push(dropped)
    if (type === 'subscribed') told.prefixes.push(detail)
    condition.notify()
  })
  t.after(() => broker.close())
  const bound = await broker.start()
  const [xsub, xpub] = [bound.xsub.join(), bound.xpub.join()]
  const peers: HostilePeer[] = []
  t.after(() => {
    for (const peer of peers) peer.end()
  })
  const connect = async (url: string, ...parts: readonly Uint8Array[]) => {
    const peer = await HostilePeer.connect(url, Buffer.concat(parts))
    peers.push(peer)
    return peer
  }
  const until = (holds: () => boolean) => condition.until(holds, patience())
  const record = () => {
    const { limits = {}, dropped = {}, ...rest } = broker.ledger.toJSON()
    return { ...rest, limits, dropped }
  }
  return { broker, told, bus: busAt(xsub, xpub), connect, until, record }
}

const reserved = (bytes: number) => Buffer.concat([Buffer.from('__groundwire__/sent/'), Buffer.alloc(bytes)])

test('a topic may have 1,024 bytes, and a reserved one its prefix besides', () => {
  assert(isTopicLength(Buffer.alloc(1_024)))
  assert(!isTopicLength(Buffer.alloc(1_025)))
  assert(isTopicLength(reserved(1_024)))
  assert(!isTopicLength(reserved(1_100)))
})

test('unknown and impossible limits are a usage error', () => {
  assert.throws(() => new Broker({ limits: { queue: 0 } }), UsageError)
  assert.throws(() => new Broker({ limits: { frame: 2_000, reassembly: 1_000 } }), UsageError)
  assert.throws(() => new Broker({ limits: { frob: 1 } as LimitValues }), UsageError)
})

test('a topic that is too long is malformed, whether its message is long or short', async t => {
  const { broker, told, bus, connect, until } = await limited(t, {})
  const publisher = await connect(bus.xsub, handshake('PUB'))
  for (const length of [1_025, 1 << 20])
    await publisher.write(message(Buffer.alloc(length, 't'), Buffer.alloc(3)))
  await publisher.write(message(Buffer.alloc(1_024, 't'), Buffer.alloc(3)))
  await publisher.write(frame(0, Buffer.from('one frame')))
  await until(() => told.losses.length === 3)
  assert.deepEqual(told.losses, [
    'malformed: a topic of 1025 bytes, where 1024 are allowed',
    'malformed: a topic of 1048576 bytes, where 1024 are allowed',
    'malformed: 1 frame where a message has 2',
  ])
  assert.equal(broker.ledger.unheard, 1)
})

test('when too much waits for all subscribers, the one with the longest queue loses it, and the others lose nothing', async t => {
  const { told, bus, connect, until, record } = await limited(t, { queues: 4 << 20 })
  const peers = await Promise.all(
    Array.from({ length: 3 }, () => connect(bus.xpub, handshake('SUB'), subscribe('flood'))),
  )
  await until(() => told.prefixes.length === 1)
  const heard = await hear(t, bus, 'telem')
  const publisher = await connect(bus.xsub, handshake('PUB'))
  // 60 MiB for each subscriber: far more than the system holds for one that never reads.
  const part = message(Buffer.from('flood'), Buffer.alloc(100_000))
  for (let i = 0; i < 600; i++) await publisher.write(part)
  await send(bus, [['telem', 'hello']])
  await heard.atLeast(1)
  const { limits, dropped } = record()
  assert((limits['queues']?.peak ?? 0) < 6 << 20, JSON.stringify(limits))
  assert((limits['queues']?.exceeded ?? 0) > 0)
  assert(Object.values(dropped).length > 0)
  assert(told.limits.some(({ limit }) => limit === 'queues'))
  for (const peer of peers) peer.end()
})

test('messages that wait for a leaving subscriber are counted as dropped, and reported', async t => {
  const { told, bus, connect, until, record } = await limited(t, {})
  const peer = await connect(bus.xpub, handshake('SUB'), subscribe('flood'))
  await until(() => told.prefixes.length === 1)
  const publisher = await connect(bus.xsub, handshake('PUB'))
  const { length } = message(Buffer.from('flood'), Buffer.alloc(8_000))
  // Fits the queue of one subscriber, and is more than the system holds.
  for (let i = 0; i < 1_500; i++) await publisher.write(message(Buffer.from('flood'), Buffer.alloc(8_000)))
  await until(() => true)
  const forwarded = () => record().sent.messages
  while (forwarded() < 1_500) await new Promise(resolve => setImmediate(resolve))
  peer.end()
  await until(() => told.left.length === 1)
  const [left = 0] = told.left
  assert(left > 0 && left < 1_500, `${left} of ${length} bytes`)
  assert.deepEqual(Object.values(record().dropped), [left])
})

test('when incomplete messages take too much, the largest holder is cut off', async t => {
  const { told, bus, connect, until, record } = await limited(t, { reassembly: 8 << 20 })
  const begin = Buffer.concat([handshake('PUB'), frame(MORE, Buffer.from('t')), claim(0, 7 << 20)])
  const peers = await Promise.all(Array.from({ length: 4 }, () => connect(bus.xsub, begin)))
  for (const [i, peer] of peers.entries()) await peer.write(Buffer.alloc((i + 1) << 20))
  await until(() => told.refused.length === 1)
  assert.match(
    told.refused[0] ?? '',
    /it held the most when too much had come of messages that were not whole/,
  )
  assert.equal(record().limits['reassembly']?.exceeded, 1)
  assert(peers.slice(0, 3).every(({ isOver }) => !isOver))
})

test('subscriptions are limited for each subscriber and for all, by count and by bytes', async t => {
  const limits = { subscriptions: 3, 'all-subscriptions': 5, prefixes: 30, 'all-prefixes': 40 }
  const { told, bus, connect, until, record } = await limited(t, limits)
  const one = await connect(bus.xpub, handshake('SUB'), ...['a', 'b', 'c', 'd'].map(subscribe))
  await until(() => told.prefixes.length === 3)
  await connect(bus.xpub, handshake('SUB'), ...['e'.repeat(31), 'f'.repeat(25), 'g'.repeat(5)].map(subscribe))
  await until(() => told.prefixes.length === 5)
  await connect(bus.xpub, handshake('SUB'), subscribe('h'))
  await connect(bus.xsub, handshake('PUB'))
  // One subscriber's freed room serves another.
  one.end()
  await until(() => told.left.length === 1)
  await connect(bus.xpub, handshake('SUB'), subscribe('i'))
  await until(() => told.prefixes.length === 6)
  assert.deepEqual(told.prefixes, ['a', 'b', 'c', 'f'.repeat(25), 'g'.repeat(5), 'i'])
  const exceeded = Object.entries(record().limits).map(([name, { exceeded }]) => [name, exceeded])
  assert.deepEqual(
    exceeded.filter(([, count]) => count !== 0),
    [
      ['subscriptions', 1],
      ['all-subscriptions', 1],
      ['prefixes', 1],
    ],
  )
})

test('connections beyond the limit are refused, and the present ones go on', async t => {
  const { told, bus, connect, until, record } = await limited(t, { connections: 2 })
  const peers = [
    await connect(bus.xpub, handshake('SUB'), subscribe('a')),
    await connect(bus.xpub, handshake('SUB'), subscribe('b')),
  ]
  await until(() => told.prefixes.length === 2)
  const third = await connect(bus.xpub, handshake('SUB'), subscribe('c'))
  await third.untilOver(PATIENCE_MS)
  assert.equal(record().limits['connections']?.exceeded, 1)
  assert(peers.every(({ isOver }) => !isOver))
  // The other side has a limit of its own.
  await connect(bus.xsub, handshake('PUB'))
  peers[0]?.end()
  await until(() => told.left.length === 1)
  await connect(bus.xpub, handshake('SUB'), subscribe('d'))
  await until(() => told.prefixes.includes('d'))
})

test('handshakes that never end shut nobody out: the oldest is cut off', async t => {
  const { told, bus, connect, until } = await limited(t, { handshakes: 5 })
  const silent: HostilePeer[] = []
  for (let i = 0; i < 20; i++) silent.push(await connect(bus.xpub, GREETING.subarray(0, 10)))
  await until(() => told.refused.length === 15)
  assert.deepEqual([...new Set(told.refused)], ['its handshake was the oldest when too many were under way'])
  await connect(bus.xpub, handshake('SUB'), subscribe('a'))
  await until(() => told.prefixes.length === 1)
})

test('silent connections shut no publisher out while all wait for the proxy to admit publishers', async t => {
  const { told, bus, connect, until, record } = await limited(t, { handshakes: 5 }, { admitAfterMs: 1_000 })
  for (let i = 0; i < 20; i++) await connect(bus.xsub)
  const { socket } = await connect(bus.xsub, handshake('PUB'))
  await until(() => told.joined.length > 0)
  assert.deepEqual(told.joined, [`127.0.0.1:${socket.localPort}`])
  assert.deepEqual(
    told.refused,
    Array<string>(16).fill('its handshake was the oldest when too many were under way'),
  )
  assert.equal(record().limits['handshakes']?.exceeded, 16)
})

test('publishers that have greeted wait for the proxy to admit them, however many they are', async t => {
  const { told, bus, until, record } = await limited(t, { handshakes: 5 }, { admitAfterMs: 1_000 })
  const port = Number(new URL(bus.xsub).port)
  const publishers = Array.from({ length: 50 }, () => connectTo(port, '127.0.0.1'))
  t.after(() => {
    for (const publisher of publishers) publisher.destroy()
  })
  for (const publisher of publishers) publisher.write(handshake('PUB'))
  await until(() => told.joined.length === publishers.length)
  assert.deepEqual(told.refused, [])
  assert.equal(record().limits['handshakes']?.exceeded, 0)
})

test('a waiting publisher is not cut off for connections of another host', {
  skip: process.platform !== 'linux',
}, async t => {
  const { told, bus, connect, until } = await limited(t, { handshakes: 5 }, { admitAfterMs: 1_000 })
  const port = Number(new URL(bus.xsub).port)
  const publisher = connectTo({ host: '127.0.0.1', port, localAddress: '127.0.0.2' })
  t.after(() => publisher.destroy())
  await once(publisher, 'connect')
  publisher.write(handshake('PUB'))
  for (let i = 0; i < 20; i++) await connect(bus.xsub)
  await until(() => told.joined.length > 0)
  assert.deepEqual(told.joined, [`127.0.0.2:${publisher.localPort}`])
})

test('a peer of ZMTP 2.0 is refused, with the version needed', async t => {
  const { told, bus, connect, until } = await limited(t, {})
  const peer = await connect(bus.xpub, Buffer.from('ff00000000000000017f01020000', 'hex'))
  await until(() => told.refused.length === 1)
  assert.deepEqual(told.refused, ['it speaks ZMTP 2.0; ZMTP 3.0 or later (libzmq 4.0) is needed'])
  await peer.untilOver(PATIENCE_MS)
})
