import type { Ledger } from '../ledger.ts'
import type { BaseEvents } from '../role.ts'
import type { ServerKeys } from '../security/keys.ts'
import type { CarrierName, DescriptorEvent } from './carrier.ts'
import type { LimitEvent, LimitValues } from './limits.ts'
import type { SlowSubscriber } from './slow-subscribers.ts'

/** A connection or subscription at the broker, for an operator to see. */
export interface BrokerEvent {
  readonly type: 'joined' | 'left' | 'refused' | 'subscribed' | 'unsubscribed'
  /** The side of the broker: publishers connect to XSUB, subscribers to XPUB. */
  readonly side: 'xsub' | 'xpub'
  /** The endpoint of the connection, or the prefix of the subscription. */
  readonly detail: string
  /** The address that the connection came from, if known. */
  readonly peer?: string
  /** The name of the connection's key, where it has one. */
  readonly key?: string
  /** Why a connection was refused. */
  readonly reason?: string
  /** Messages dropped from a subscriber's queue as its connection ended. */
  readonly dropped?: number
}

/** Options of a {@link Broker}: its endpoints, carrier, limits and ledger. */
export interface BrokerOptions {
  /** URL or URLs to bind for publishers. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | readonly string[]
  /** URL or URLs to bind for subscribers. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | readonly string[]
  readonly carrier?: CarrierName
  /** Limits on the broker's memory and connections; see {@link DEFAULT_LIMITS}. libzmq has its own. */
  readonly limits?: LimitValues
  /** Keys, and who is let in (CURVE; the carrier zmtp only). Default: everybody is, and nothing is encrypted. */
  readonly security?: ServerKeys
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
  /**
   * Time from the broker's start until it admits publishers, in ms: subscribers from before a restart are back by then.
   * Default 500. Over libzmq publishers don't wait.
   */
  readonly admitAfterMs?: number
}

/** The URLs that a broker has bound, with the ports that the system chose. */
export interface BoundUrls {
  readonly xsub: string[]
  readonly xpub: string[]
}

/** Events of a broker. A `loss` is a refused message, or messages that never arrived from a publisher. */
export interface BrokerEvents extends BaseEvents {
  peer: [BrokerEvent]
  /** A subscriber lags, or has caught up (over libzmq: Linux only). */
  slow: [SlowSubscriber]
  /** A limit was reached, and something was refused, dropped or cut off. */
  limit: [LimitEvent]
  /** File descriptors run short, or there are enough again (Linux). */
  descriptors: [DescriptorEvent]
}
