// Publishes an even load straight onto the bus as cheaply as possible: its cost is taken from the processes measured.
import { setTimeout as after } from 'node:timers/promises'
import { PUBLISH_FRAME, ZMQClient, type ZMQClientOptions } from '../../src/core/client/zmq-client.ts'
import { encodeBin } from '../../src/core/wire/msgpack-encode.ts'
import { Pace } from '../pace.ts'

/** Messages that are due within this time go out together, in ms: sending each by itself would be most of the load. */
const REST_MS = 1
/** A load is stopped after this multiple of its planned time. */
const PATIENCE = 1.5
/** Time that may be waited for a subscriber, or for the bus to take something, in ms. */
const WAIT_MS = 10_000
/** Time that the last messages may take to the proxy, in ms. */
const LINGER_MS = 5_000

/** A load to publish. */
export interface PublishRequest {
  readonly xsub: string
  /** Topic of the load. It waits for a subscriber. */
  readonly topic: string
  /** Bytes per payload. */
  readonly size: number
  /** Messages per second. */
  readonly rate: number
  readonly messages: number
  /** Time that it may take at most, as a multiple of what it takes at this rate. Default 1.5. */
  readonly patience?: number
}

/** The result of a load. */
export interface PublishReport {
  /** Messages handed to the bus. */
  readonly sent: number
  /** Messages lost, by the publisher's own ledger. */
  readonly lost: number
  /** Time from the first message until the bus had taken the last one, in ms. */
  readonly tookMs: number
  /** Part of `tookMs` during which the bus took nothing, in ms. */
  readonly heldBackMs: number
}

/** A client with one message, encoded once. */
class LoadPublisher extends ZMQClient {
  readonly #frame: Uint8Array
  readonly #size: number

  constructor(size: number, options: ZMQClientOptions) {
    super(options)
    this.#frame = encodeBin(loadPayload(size))
    this.#size = size
  }

  put(): boolean {
    return this[PUBLISH_FRAME](this.#frame, this.name, this.#size)
  }
}

/** Publishes a load with its own client. @throws the reason of the timeout, if nobody subscribes in time */
export async function publishLoad({
  xsub,
  topic,
  size,
  rate,
  messages,
  patience = PATIENCE,
}: PublishRequest): Promise<PublishReport> {
  const client = new LoadPublisher(size, { name: topic, xsub })
  await client.start()
  let tookMs: number
  let heldBackMs: number
  try {
    await client.heard(topic, { signal: AbortSignal.timeout(WAIT_MS) })
    const startMs = performance.now()
    heldBackMs = await put(client, rate, messages, patience)
    // Messages that the bus does not take in time are counted when the client is closed.
    await client.drain({ signal: AbortSignal.timeout(WAIT_MS) }).catch(() => {})
    tookMs = performance.now() - startMs
  } finally {
    await client.close({ linger: LINGER_MS })
  }
  const { sent, unheard, totalLost } = client.ledger
  return { sent: sent.messages, lost: totalLost + unheard, tookMs, heldBackMs }
}

/** @returns for how long the bus took no more, in ms */
async function put(client: LoadPublisher, rate: number, messages: number, patience: number): Promise<number> {
  const startMs = performance.now()
  const pace = new Pace(rate, startMs)
  const endMs = startMs + (messages / rate) * 1000 * patience
  let heldBackMs = 0
  let left = messages
  for (let nowMs = startMs; left > 0 && nowMs < endMs; nowMs = performance.now()) {
    const due = Math.min(pace.due(nowMs), left)
    let sent = 0
    let taken = true
    while (sent < due && taken) {
      taken = client.put()
      sent += 1
    }
    pace.sent(sent)
    left -= sent
    if (taken) await after(REST_MS)
    else {
      const fullMs = performance.now()
      await client.writable({ signal: AbortSignal.timeout(WAIT_MS) })
      heldBackMs += performance.now() - fullMs
    }
  }
  return heldBackMs
}

/** Returns bytes without two equal groups of sixteen in a row, so that a dump shows every line. */
function loadPayload(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 4)) & 0xff)
}
