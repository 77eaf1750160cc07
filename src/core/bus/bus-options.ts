import { PUBLISH_QUEUE, type QueueLimits } from '../bounded-queue.ts'
import { busUrl, checkOneOf, checkQueue, checkWhole } from '../check.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../endpoint.ts'
import { type CarrierName, CARRIERS, DEFAULT_CARRIER } from './carrier.ts'

/** The largest payload that a role takes or publishes unless told otherwise, in bytes: 1 MiB. */
export const DEFAULT_MAX_MESSAGE = 1024 * 1024

/** Messages that may be in flight unless told otherwise. Few, as the queue in front of them is bounded by bytes too. */
const MAX_IN_FLIGHT = 1_000

/** The way to a bus, and how much of it a role may hold. One value for all connections of a role. */
export interface BusOptions {
  /** The proxy's side for publishers, or null for a role that never publishes. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | null | undefined
  /** The proxy's side for subscribers, for a role that subscribes. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | undefined
  /** The engine that speaks ZMTP to the proxy: groundwire's own `zmtp`, or `libzmq`. Default `zmtp`. */
  readonly carrier?: CarrierName | undefined
  /** The largest payload that is taken or published, in bytes; a larger one is counted as oversize. Default 1 MiB. */
  readonly maxMessage?: number | undefined
  /**
   * Limits of the queue of messages that the bus can't take yet. Default 65,536 messages or 32 MiB, and in any case two messages of the
   * largest size; the oldest go first.
   */
  readonly queue?: QueueLimits | undefined
  /** Messages on their way to the proxy that the system has not taken, whatever their size. Default 1,000. */
  readonly maxInFlight?: number | undefined
}

/** {@link BusOptions} that were checked, with every default filled in and URLs in the form that ZeroMQ takes. */
export interface Bus {
  readonly xsub: string | null
  readonly xpub: string
  readonly carrier: CarrierName
  readonly maxMessage: number
  readonly queue: QueueLimits
  readonly maxInFlight: number
}

/** Checks options, and fills in the defaults. @throws {UsageError} for an option that is not of its form */
export function busOf(options: BusOptions): Bus {
  const { carrier, maxMessage, queue, maxInFlight } = options
  checkOneOf('carrier', carrier, CARRIERS)
  checkWhole('maxMessage', maxMessage, 1)
  checkQueue(queue)
  checkWhole('maxInFlight', maxInFlight, 1)
  const { xsub = DEFAULT_XSUB_URL, xpub = DEFAULT_XPUB_URL } = options
  const largest = maxMessage ?? DEFAULT_MAX_MESSAGE
  return {
    xsub: xsub === null ? null : busUrl('xsub', xsub, 'connect'),
    xpub: busUrl('xpub', xpub, 'connect'),
    carrier: carrier ?? DEFAULT_CARRIER,
    maxMessage: largest,
    queue: fitting(queue ?? PUBLISH_QUEUE, largest),
    maxInFlight: maxInFlight ?? MAX_IN_FLIGHT,
  }
}

/** A message that a role may publish must never be too large for its queue, nor push out the one before it. */
function fitting({ messages, bytes }: QueueLimits, maxMessage: number): QueueLimits {
  return { messages, bytes: Math.max(bytes, 2 * maxMessage) }
}
