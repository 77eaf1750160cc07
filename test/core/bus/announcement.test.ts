import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { Subscriber } from 'zeromq'
import {
  ANNOUNCEMENT_PREFIX,
  decodeCounts,
  encodeAnnouncement,
  encodeStatement,
  newId,
} from '../../../src/core/bus/announcement.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { LedgerRecord } from '../../../src/core/ledger.ts'
import { encode } from '../../../src/core/wire/msgpack-encode.ts'
import type { PayloadInput } from '../../../src/core/wire/payload.ts'
import { handshake, message } from '../../attacks/hostile-peer.ts'
import { startBroker, started } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { rawPublisher, rawXpub, throwBytes } from '../../helpers/raw-sockets.ts'

const id = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(bytes => Buffer.from(bytes).toString('hex'))
const count = fc.integer({ min: 0, max: 2 ** 48 })

test('announcements and statements decode to the encoded values', () => {
  assert.deepEqual(decodeCounts(encodeAnnouncement(Buffer.from('0123456789abcdef', 'hex'), 7)), {
    type: 'announcement',
    publisher: '0123456789abcdef',
    sent: 7,
  })
  const position = fc.record(
    { publisher: id, origin: count, now: count, isConnected: fc.boolean(), missing: count },
    { noNullPrototype: true },
  )
  const statement = fc.record(
    {
      account: id,
      due: count,
      opening: fc.boolean(),
      silent: fc.boolean(),
      isControlled: fc.boolean(),
      positions: fc.array(position, { maxLength: 20 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(statement, written => {
      assert.deepEqual(decodeCounts(encodeStatement(written)), { type: 'statement', ...written })
    }),
  )
})

test('impossible counts decode to undefined, and no bytes throw', () => {
  const forged: PayloadInput[] = [
    [newId(), 2 ** 53],
    [newId(), 18_446_744_073_709_551_615n],
    [newId(), -1],
    [newId(), 1.5],
    [newId(), Number.NaN],
    [Buffer.alloc(7), 1],
    [newId(), 1, true],
    [newId(), 1, true, false, newId(), 1, 2],
    [newId(), 1, true, false, ...Array<number>(5 * 1_025).fill(0)],
    'text',
    [],
  ]
  for (const value of forged) assert.equal(decodeCounts(encode(value)), undefined)
  fc.assert(fc.property(fc.uint8Array(), bytes => void decodeCounts(bytes)))
})

async function watch(t: TestContext, xpub: string) {
  const condition = new Condition()
  const tap = new Tap({ topics: ['telem'], xpub, onMessage: () => condition.notify() })
  await started(t, tap)
  const until = (messages: number) =>
    condition.until(() => tap.ledger.received.messages >= messages, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
  return { tap, until }
}

test("behind groundwire's proxy, forged announcements neither invent a loss nor make the account uncertain", async t => {
  const { xsub, xpub } = await startBroker(t)
  const { tap, until } = await watch(t, xpub)
  const forger = rawPublisher(t, xsub)
  await forger.subscribed('telem')
  const name = `${ANNOUNCEMENT_PREFIX}telem`
  for (const sent of [2 ** 52, 18_446_744_073_709_551_615n, 2 ** 47, 5, 2 ** 47 + 9, -3])
    await forger.send(name, encode([newId(), sent]))
  // A statement from a publisher does not count as a proxy's.
  await forger.send(
    name,
    encodeStatement({
      account: '00'.repeat(8),
      due: 1e9,
      opening: true,
      silent: false,
      isControlled: false,
      positions: [],
    }),
  )
  const client = await started(t, new ZMQClient({ name: 'telem', xsub }))
  await client.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  for (let i = 0; i < 2_000; i++) client.publish(`${i}`)
  await client.drain()
  await until(2_000)
  assert.equal(tap.ledger.lost('bus'), 0)
  assert.equal(tap.ledger.toJSON().lost.bus, 0)
})

test("a stranger's announcements neither end a followed topic's account nor appear in a ledger", async t => {
  const { broker, xsub, xpub } = await startBroker(t)
  await started(t, new Tap({ xpub, onMessage: () => {} }))
  const follower = new Subscriber({ receiveTimeout: PATIENCE_MS })
  t.after(() => follower.close())
  follower.connect(xpub)
  follower.subscribe(`${ANNOUNCEMENT_PREFIX}telem`, 'telem')
  const openings = new Set<string>()
  const untilMessage = async () => {
    for (;;) {
      const [topic, frame = Buffer.alloc(0)] = await follower.receive()
      const counts = decodeCounts(frame)
      if (counts?.type === 'statement' && counts.opening) openings.add(counts.account)
      if (topic?.toString() === 'telem') return
    }
  }
  const client = await started(t, new ZMQClient({ name: 'telem', xsub }))
  await client.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  client.publish('first')
  await untilMessage()
  const announcement = encodeAnnouncement(newId(), 1)
  const announcements = Array.from({ length: 20_000 }, (_, i) =>
    message(Buffer.from(`${ANNOUNCEMENT_PREFIX}t${i}`), announcement),
  )
  await throwBytes(xsub, Buffer.concat([handshake('PUB'), ...announcements]), { hangUp: true })
  client.publish('last')
  await untilMessage()
  assert.equal(openings.size, 1)
  assert.deepEqual(Object.keys(broker.ledger.toJSON().topics), ['telem'])
})

test('over another broker, a claimed loss is never taken back', async t => {
  const broker = await rawXpub(t)
  const { tap, until } = await watch(t, broker.url)
  await broker.subscribed('telem')
  const name = `${ANNOUNCEMENT_PREFIX}telem`
  const publisher = newId()
  await broker.send(name, encodeAnnouncement(publisher, 0))
  await broker.send('telem', encode('one'))
  await broker.send(name, encodeAnnouncement(publisher, 11))
  for (let i = 0; i < 50; i++) await broker.send('telem', encode('from somebody who does not announce'))
  await broker.send(name, encodeAnnouncement(publisher, 12))
  await broker.send('telem', encode('last'))
  await until(52)
  const { lost, accounting } = JSON.parse(JSON.stringify(tap.ledger)) as LedgerRecord
  assert.equal(lost.bus, 10)
  assert.deepEqual(accounting, {
    telem: { state: 'not accounted', publishers: 1, announced: 12, lost: 10 },
  })
})

test('a message whose topic is too long does not count as a loss of any topic', async t => {
  const { xsub, xpub } = await startBroker(t)
  const condition = new Condition()
  const tap = await started(t, new Tap({ xpub, onMessage: () => condition.notify() }))
  const hostile = rawPublisher(t, xsub)
  await hostile.subscribed('telem')
  await hostile.send('telem', encode('first'))
  for (let i = 0; i < 2; i++) await hostile.send('x'.repeat(3_000), encode('no topic'))
  await hostile.send('telem', encode('last'))
  await condition.until(() => tap.ledger.received.messages === 2, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  // Statements go out every half second: the one for the next announcement comes after all of them.
  const client = await started(t, new ZMQClient({ name: 'telem', xsub }))
  await client.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  client.publish('announced')
  await client.drain({ signal: AbortSignal.timeout(PATIENCE_MS) })
  await condition.until(() => tap.ledger.received.messages === 3, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  assert.equal(tap.ledger.lost('bus'), 0)
  const { accounting = {} } = tap.ledger.toJSON()
  assert.deepEqual(Object.keys(accounting), ['telem'])
})
