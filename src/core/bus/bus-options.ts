import { PUBLISH_QUEUE, type QueueLimits } from '../bounded-queue.ts'
import { busUrl, checkOneOf, checkQueue, checkWhole } from '../check.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../endpoint.ts'
import { checkClientKeys, type ClientKeys } from '../security/keys.ts'
import { type CarrierName, CARRIERS, DEFAULT_CARRIER } from './carrier.ts'

/** Default limit for one payload that a role takes or publishes, in bytes: 1 MiB. */
export const DEFAULT_MAX_MESSAGE = 1024 * 1024

/** Default number of messages in flight. Few, as their bytes are not limited; those of the queue before them are. */
const MAX_IN_FLIGHT = 1_000

/** Address of a bus, and how many of its messages a role may hold. One value serves all connections of a role. */
export interface BusOptions {
  /** The proxy's side for publishers, or null for a role that never publishes. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | null | undefined
  /** The proxy's side for subscribers, for a role that subscribes. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | undefined
  /** The engine that speaks ZMTP to the proxy: groundwire's own `zmtp`, or `libzmq`. Default `zmtp`. */
  readonly carrier?: CarrierName | undefined
  /** Limit for one payload, taken or published, in bytes; a larger one is counted as oversize. Default 1 MiB. */
  readonly maxMessage?: number | undefined
  /**
   * Queue for messages that the bus can't take yet. Default 65,536 messages or 32 MiB, and in any case two messages of the
   * largest size. A full queue drops its oldest messages.
   */
  readonly queue?: QueueLimits | undefined
  /** Messages of any size that may wait for the system to take them, on their way to the proxy. Default 1,000. */
  readonly maxInFlight?: number | undefined
  /** Keys for a proxy that asks for them (CURVE). The role copies them as it starts, and wipes its copies when it closes. */
  readonly security?: ClientKeys | undefined
}

/** Checked {@link BusOptions}, with every default filled in and URLs in the form that ZeroMQ takes. */
export interface Bus {
  readonly xsub: string | null
  readonly xpub: string
  readonly carrier: CarrierName
  readonly maxMessage: number
  readonly queue: QueueLimits
  readonly maxInFlight: number
  readonly security?: ClientKeys
}

/** Checks options and fills in the defaults. @throws {UsageError} for an invalid option */
export function busOf(options: BusOptions): Bus {
  const { carrier, maxMessage, queue, maxInFlight, security } = options
  checkOneOf('carrier', carrier, CARRIERS)
  checkWhole('maxMessage', maxMessage, 1)
  checkQueue(queue)
  checkWhole('maxInFlight', maxInFlight, 1)
  checkClientKeys(security)
  const { xsub = DEFAULT_XSUB_URL, xpub = DEFAULT_XPUB_URL } = options
  const largest = maxMessage ?? DEFAULT_MAX_MESSAGE
  return {
    xsub: xsub === null ? null : busUrl('xsub', xsub, 'connect'),
    xpub: busUrl('xpub', xpub, 'connect'),
    carrier: carrier ?? DEFAULT_CARRIER,
    maxMessage: largest,
    queue: fitting(queue ?? PUBLISH_QUEUE, largest),
    maxInFlight: maxInFlight ?? MAX_IN_FLIGHT,
    ...(security === undefined ? {} : { security }),
  }
}

/** Widens a queue so that the largest message fits, and does not push out the one before it. */
function fitting({ messages, bytes }: QueueLimits, maxMessage: number): QueueLimits {
  return { messages, bytes: Math.max(bytes, 2 * maxMessage) }
}
