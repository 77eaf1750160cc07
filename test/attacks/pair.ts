// A legitimate publisher and its subscriber in their own process. Requests arrive over the channel of
// child_process.fork.
import { Tap } from '../../src/core/client/tap.ts'
import { ZMQClient } from '../../src/core/client/zmq-client.ts'
import type { PairReport, PairRequest } from './pair-process.ts'

const TOPIC = `telem ${process.pid}`
/** Time that the last messages may take, in ms. */
const LAST_MS = 10_000

async function run(
  { xsub, xpub, keys, rate, messages }: PairRequest,
  stopped: Promise<void>,
): Promise<PairReport> {
  const security = keys && {
    publicKey: Buffer.from(keys.publicKey, 'hex'),
    secretKey: Buffer.from(keys.secretKey, 'hex'),
    serverKey: Buffer.from(keys.serverKey, 'hex'),
  }
  const got = { messages: 0, slowest: 0 }
  const did = { sent: 0, isStopped: false }
  const tap = new Tap({
    topics: [TOPIC],
    xpub,
    security,
    onMessage: ({ frame }) => {
      got.messages += 1
      got.slowest = Math.max(got.slowest, now() - frame.readDoubleBE(frame.length - 8))
    },
  })
  const client = new ZMQClient({ name: TOPIC, xsub, security })
  const started = performance.now()
  await tap.start()
  await client.start()
  await client.heard(TOPIC, { signal: AbortSignal.timeout(30_000) })
  const connectedMs = performance.now() - started
  process.send?.({ ready: true })
  void stopped.then(() => {
    did.isStopped = true
  })
  for (const begin = performance.now(); !did.isStopped && did.sent < messages; ) {
    const due = Math.min(messages, Math.floor(((performance.now() - begin) * rate) / 1_000))
    for (; did.sent < due; did.sent++) client.publish(message())
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await client.drain({ signal: AbortSignal.timeout(LAST_MS) }).catch(() => {})
  const deadline = performance.now() + LAST_MS
  while (got.messages < did.sent && performance.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 10))
  await Promise.all([client.close(), tap.close()])
  return {
    sent: did.sent,
    received: got.messages,
    slowestMs: Math.round(got.slowest),
    connectedMs: Math.round(connectedMs),
  }
}

/** A payload of 256 bytes with its time of creation. */
function message(): Buffer {
  const bytes = Buffer.alloc(256)
  bytes.writeDoubleBE(now(), bytes.length - 8)
  return bytes
}

function now(): number {
  return performance.timeOrigin + performance.now()
}

let stop: () => void = () => {}
const stopped = new Promise<void>(resolve => {
  stop = resolve
})
process.on('message', (request: PairRequest | 'stop') => {
  if (request === 'stop') return stop()
  void run(request, stopped).then(
    report => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
