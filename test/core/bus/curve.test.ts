// A bus with keys: who gets in, what each side is told, and what no output ever shows.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { type CarrierName, CARRIERS } from '../../../src/core/bus/carrier.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { type RoleLinkEvent, ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import { UsageError } from '../../../src/core/errors.ts'
import type { ClientKeys } from '../../../src/core/security/keys.ts'
import { Sodium } from '../../../src/core/security/sodium.ts'
import { encodeZ85 } from '../../../src/core/security/z85.ts'
import { startBroker, started } from '../../helpers/broker.ts'
import { makeKeys } from '../../helpers/curve-keys.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { keyedBus } from '../../helpers/keyed-bus.ts'
import { eventually } from '../../helpers/spawned.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

interface Client {
  readonly xpub: string
  readonly security?: ClientKeys | undefined
  readonly carrier?: CarrierName
}

/** Starts a subscriber, and waits for an event of its link. */
async function linkOf(t: TestContext, client: Client, type: RoleLinkEvent['type']): Promise<RoleLinkEvent> {
  const tap = new Tap({ ...client, onMessage: () => {} })
  const told = new Promise<RoleLinkEvent>(resolve =>
    tap.on('link', event => {
      if (event.type === type) resolve(event)
    }),
  )
  await started(t, tap)
  return told
}

const UNREADABLE = 'it hung up at our HELLO: the server key given here is probably not its own'

/** What the client is told over either carrier, and the broker. libzmq's clients see less of it. */
const REFUSALS = {
  'a key that is not allowed': {
    client: 'it does not admit our key (status 400)',
    broker: /^its key \S{40} is not allowed$/,
  },
  'another server key': { client: UNREADABLE, broker: /^it does not know the public key of this side$/ },
  'no keys': {
    client: 'it asks for keys (CURVE), and this side has none',
    overLibzmq: 'it asks for security, and this side has no keys',
    broker:
      /^it has no keys, and this side asks for them \(CURVE\)$|^it left in its greeting, as libzmq does/,
  },
} as const

for (const carrier of CARRIERS) {
  for (const [what, told] of Object.entries(REFUSALS)) {
    test(`a client over ${carrier} with ${what} is refused, and both sides name that`, async t => {
      const bus = await keyedBus(t)
      const allowed = await bus.client()
      const security = {
        'a key that is not allowed': await bus.client(null),
        'another server key': { ...allowed, serverKey: (await makeKeys()).publicKey },
        'no keys': undefined,
      }[what]
      const { reason, isDenied } = await linkOf(t, { xpub: bus.xpub, security, carrier }, 'refused')
      const expected = carrier === 'libzmq' && 'overLibzmq' in told ? told.overLibzmq : told.client
      assert.deepEqual([reason, isDenied], [expected, true])
      const event = await bus.event(({ type }) => type === 'refused')
      assert.match(event.reason ?? '', told.broker)
      assert.equal(event.side, 'xpub')
      assert.ok(!bus.events.some(({ type }) => type === 'joined'))
    })
  }

  test(`a client over ${carrier} with keys does not talk to a broker without`, async t => {
    const { broker, xpub } = await startBroker(t)
    const refusal = new Promise<string | undefined>(resolve =>
      broker.on('peer', event => {
        if (event.type === 'refused') resolve(event.reason)
      }),
    )
    const security = { ...(await makeKeys()), serverKey: (await makeKeys()).publicKey }
    const { reason, isDenied } = await linkOf(t, { xpub, security, carrier }, 'refused')
    const expected =
      carrier === 'zmtp'
        ? 'it has no keys, and this side asks for them (CURVE)'
        : 'it does not ask for keys (CURVE), and this side does'
    assert.deepEqual([reason, isDenied], [expected, true])
    const asked =
      /^it asks for keys \(CURVE\), and this side has none$|^it left in its greeting, as libzmq does/
    assert.match((await refusal) ?? '', asked)
  })
}

test('a key that is taken away ends its connections at once, and no others', async t => {
  const bus = await keyedBus(t)
  const lost: string[] = []
  const condition = new Condition()
  for (const name of ['stays', 'goes']) {
    const security = await bus.client(name)
    const client = new ZMQClient({ name, xsub: bus.xsub, security })
    const tap = new Tap({ xpub: bus.xpub, security, onMessage: () => {} })
    for (const role of [client, tap])
      role.on('link', ({ type, side }) => {
        if (type !== 'lost') return
        lost.push(`${name} ${side}`)
        condition.notify()
      })
    await started(t, client)
    await started(t, tap)
    await client.connected(patience())
    await tap.connected(patience())
  }
  bus.admitted.clear()
  bus.broker.dismiss(({ name }) => name === 'goes')
  await condition.until(() => lost.length === 2, patience())
  assert.deepEqual(lost.sort(), ['goes xpub', 'goes xsub'])
  const { reason } = await bus.event(({ reason }) => reason !== undefined)
  assert.equal(reason, 'its key goes is not allowed any more')
})

const admit = () => undefined

function refused(make: () => unknown, message: string): void {
  assert.throws(make, { name: 'UsageError', message })
}

test('keys that are none, or are no pair, are usage errors that do not show them', async () => {
  const [keys, other] = [await makeKeys(), await makeKeys()]
  const short = { ...keys, serverKey: other.publicKey.subarray(1) }
  refused(() => new ZMQClient({ security: short }), 'security.serverKey has 31 bytes, where a key has 32')
  refused(
    () => new Broker({ security: { ...keys, secretKey: 'text' as unknown as Buffer, admit } }),
    'security.secretKey is not a Uint8Array of 32 bytes',
  )
  refused(
    () => new Broker({ security: { ...keys, admit: undefined as unknown as () => undefined } }),
    'security.admit is not a function',
  )
  const free = { xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' }
  const noPair = { publicKey: other.publicKey, secretKey: keys.secretKey }
  const message = 'security.publicKey is not the public key of security.secretKey'
  await assert.rejects(new Broker({ ...free, security: { ...noPair, admit } }).start(), { message })
  const client = new ZMQClient({ security: { ...noPair, serverKey: other.publicKey } })
  await assert.rejects(client.start(), { message })
})

test('a broker with keys over libzmq is a usage error: only the own carrier knows whose message is whose', async () => {
  const security = { ...(await makeKeys()), admit: () => undefined }
  const urls = { xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' }
  await assert.rejects(new Broker({ ...urls, carrier: 'libzmq', security }).start(), UsageError)
})

test('no secret is in any ledger, event or report of the process, and none is left in memory at the end', async t => {
  const bus = await keyedBus(t)
  const security = await bus.client()
  const refused = await bus.client(null)
  const said: unknown[] = [bus.events]
  const tap = new Tap({ topics: ['telem'], xpub: bus.xpub, security, onMessage: () => {} })
  const client = new ZMQClient({ name: 'telem', xsub: bus.xsub, security })
  const stranger = new ZMQClient({ name: 'telem', xsub: bus.xsub, security: refused })
  for (const role of [tap, client, stranger])
    for (const event of ['link', 'loss', 'unheard'] as const)
      role.on(event, (told: unknown) => said.push(told))
  for (const role of [tap, client, stranger]) await started(t, role)
  await client.heard('telem', patience())
  client.publish('hello')
  await client.drain(patience())
  await eventually(() => tap.ledger.received.messages === 1, 'the message')
  await bus.event(({ type }) => type === 'refused')
  said.push(process.report.getReport())
  for (const role of [tap, client, stranger, bus.broker]) {
    said.push(role.ledger.toJSON())
    await role.close()
  }
  const text = JSON.stringify(said)
  assert.match(text, /telem/)
  const { heap } = await Sodium.load()
  for (const { secretKey } of [security, refused, bus.serverKeys]) {
    const secret = Buffer.from(secretKey)
    for (const form of [encodeZ85(secret), secret.toString('hex'), secret.toString('base64')])
      assert.ok(!text.includes(form))
    await eventually(() => !heap.includes(secret), 'a wiped key')
  }
})
