// CURVE with libzmq at the other end, of pyzmq or of the package zeromq: 10,000 messages each way, and refusals.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { type CarrierName, CARRIERS } from '../../../src/core/bus/carrier.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { type RoleLinkEvent, ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { ClientKeys } from '../../../src/core/security/keys.ts'
import { encodeZ85 } from '../../../src/core/security/z85.ts'
import { started } from '../../helpers/broker.ts'
import { startPeer } from '../../helpers/buses.ts'
import { type KeyPair, makeKeys } from '../../helpers/curve-keys.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { keyedBus } from '../../helpers/keyed-bus.ts'

const MESSAGES = 10_000
/** Messages that may be on their way, as in curve.py. */
const WINDOW = 200
const MAX_MESSAGE = 1024 * 1024

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** Keys as curve.py takes them. */
const told = ({ publicKey, secretKey }: KeyPair | ClientKeys) => ({
  public: encodeZ85(publicKey),
  secret: encodeZ85(secretKey),
})

/** The size of a message, as in curve.py: mostly small, some large. */
function sizeOf(number: number): number {
  if (number % 1000 === 999) return MAX_MESSAGE - number
  if (number % 100 === 50) return (number * 131) % 70_000
  return number % 300
}

function payloadOf(number: number): Buffer {
  return createHash('shake128', { outputLength: sizeOf(number) })
    .update(`${number}`)
    .digest()
}

/** Runs curve.py with what it is to be told. Undefined, with the test skipped, where there is no pyzmq. */
function startCurvePeer(t: TestContext, action: string, tells: object) {
  return startPeer(t, 'curve.py', [action], { input: `${JSON.stringify(tells)}\n` })
}

/** pyzmq's proxy with a ZAP authenticator that lets these keys in. */
async function startKeyedProxy(t: TestContext, ...allowed: readonly KeyPair[]) {
  const serverKeys = await makeKeys()
  const run = startCurvePeer(t, 'proxy', {
    ...told(serverKeys),
    allowed: allowed.map(({ publicKey }) => encodeZ85(publicKey)),
  })
  if (run === undefined) return undefined
  await run.until(({ stdout }) => stdout.toString().split('\n').length > 2, 'its two URLs')
  const [xsub = '', xpub = ''] = run.stdout.toString().split('\n')
  return { xsub, xpub, serverKey: serverKeys.publicKey }
}

/** Publishes all messages, and compares each that comes. */
async function passThrough(
  t: TestContext,
  urls: { readonly xsub: string; readonly xpub: string },
  security: ClientKeys,
  carrier: CarrierName,
) {
  const condition = new Condition()
  let right = 0
  let wrong: string | undefined
  const tap = new Tap({
    topics: ['telem'],
    xpub: urls.xpub,
    security,
    carrier,
    maxMessage: MAX_MESSAGE,
    onMessage: ({ frame }) => {
      if (frame.equals(payloadOf(right))) right += 1
      else wrong ??= `message ${right}: ${frame.length} bytes`
      condition.notify()
    },
  })
  await started(t, tap)
  const client = await started(
    t,
    new ZMQClient({ name: 'telem', xsub: urls.xsub, security, carrier, encoding: 'raw' }),
  )
  await client.heard('telem', patience())
  for (let number = 0; number < MESSAGES; number++) {
    client.publish(payloadOf(number))
    if (number % 50 === 0)
      await condition.until(() => wrong !== undefined || right > number - WINDOW, patience())
  }
  await condition.until(() => wrong !== undefined || right === MESSAGES, patience())
  assert.equal(wrong, undefined)
  assert.equal(tap.ledger.totalLost + client.ledger.totalLost, 0)
}

test("pyzmq's publisher and subscriber with keys pass 10,000 messages through a broker with keys, frame for frame", async t => {
  const bus = await keyedBus(t)
  const run = startCurvePeer(t, 'pass', {
    ...told(await bus.client('python')),
    server: encodeZ85(bus.serverKeys.publicKey),
    xsub: bus.xsub,
    xpub: bus.xpub,
    messages: MESSAGES,
  })
  if (run === undefined) return
  const { code, stderr } = await run.exit
  assert.equal(code, 0, stderr)
  assert.equal(run.stdout.toString().trim(), `${MESSAGES}`)
  const joined = bus.events.filter(({ type }) => type === 'joined')
  assert.deepEqual(joined.map(({ side, key }) => `${side} ${key}`).sort(), ['xpub python', 'xsub python'])
})

for (const carrier of CARRIERS) {
  test(`roles with keys over ${carrier} pass 10,000 messages through pyzmq's proxy with an authenticator`, async t => {
    const keys = await makeKeys()
    const proxy = await startKeyedProxy(t, keys)
    if (proxy === undefined) return
    await passThrough(t, proxy, { ...keys, serverKey: proxy.serverKey }, carrier)
  })

  test(`roles with keys over ${carrier} pass 10,000 messages through a broker with keys`, async t => {
    const bus = await keyedBus(t)
    await passThrough(t, bus, await bus.client(), carrier)
  })

  test(`a key that pyzmq's authenticator does not know is refused, and a role over ${carrier} says so`, async t => {
    const proxy = await startKeyedProxy(t)
    if (proxy === undefined) return
    const security = { ...(await makeKeys()), serverKey: proxy.serverKey }
    const tap = new Tap({ xpub: proxy.xpub, security, carrier, onMessage: () => {} })
    const refused = new Promise<RoleLinkEvent>(resolve =>
      tap.on('link', event => {
        if (event.type === 'refused') resolve(event)
      }),
    )
    await started(t, tap)
    const { isDenied, reason } = await refused
    assert.equal(isDenied, true)
    assert.equal(reason, 'it does not admit our key (status 400)')
  })
}

test('a key that a broker does not know is refused to libzmq with status 400, and the broker names it', async t => {
  const bus = await keyedBus(t)
  const keys = await bus.client(null)
  const run = startCurvePeer(t, 'knock', {
    ...told(keys),
    server: encodeZ85(bus.serverKeys.publicKey),
    url: bus.xpub,
  })
  if (run === undefined) return
  assert.equal((await run.exit).code, 0)
  assert.equal(run.stdout.toString().trim(), 'HANDSHAKE_FAILED_AUTH 400')
  const { reason, peer } = await bus.event(({ type }) => type === 'refused')
  assert.equal(reason, `its key ${encodeZ85(keys.publicKey)} is not allowed`)
  assert.match(peer ?? '', /^127\.0\.0\.1:\d+$/)
})
