import type { SequenceLedger } from './ccsds/sequence-event.ts'

/**
 * The sections that roles add to their ledgers, by name, and the shape of each as plain data. A role adds only those that
 * it has something for.
 */
export interface LedgerSections {
  /** A receiver's account of each topic. */
  accounting: Readonly<Record<string, TopicAccountRecord>>
  /** CCSDS sequence counts: of the datagrams of `udp-in`, or of a tap's topics. */
  ccsds: SequenceLedger | TopicSequencesLedger
  /** A publication's messages that are known, by their echo, to have passed the proxy. */
  confirmed: number
  /** Messages that a broker has dropped for a subscriber that was too slow, by its address. */
  dropped: Readonly<Record<string, number>>
  /** A broker's limits, by name. */
  limits: Readonly<Record<string, LimitRecord>>
  /** A sender's account of each destination, by `HOST:PORT`. */
  outputs: Readonly<Record<string, OutputRecord>>
}

/** A receiver's account of one topic. */
export interface TopicAccountRecord {
  /**
   * - `accounted`: every message that is missing is counted
   * - `lower bound`: at least so many are missing. A publisher does not announce its counts to groundwire's proxy, or another
   *   broker carries several publishers, or a publisher has not been seen since the proxy was restarted, or the topic was not
   *   asked for at times
   * - `not accounted`: more has come than its publishers have announced, so that one of them does not announce (as AIT's don't)
   * - `unknown`: nobody has said
   */
  readonly state: 'accounted' | 'lower bound' | 'not accounted' | 'unknown'
  /** Publishers that announce, as far as they are known to be there. */
  readonly publishers: number
  /** Messages that should have arrived since the account began. */
  readonly announced: number
  /** Messages known to be lost between the publishers and here. */
  readonly lost: number
}

/** The sequence counts of a tap's topics. `apids` sums those of each stream over the topics; `topics` has them apart. */
export interface TopicSequencesLedger extends SequenceLedger {
  readonly topics: Readonly<Record<string, SequenceLedger>>
  /** Packets under topics beyond the 1,024 that are followed. */
  readonly notFollowed: number
}

/** A limit of a broker. */
export interface LimitRecord {
  readonly limit: number
  /** Held at this moment, and at the most so far. Left out where it is counted for each connection. */
  readonly now?: number
  readonly peak?: number
  /** Messages, connections, subscriptions, topics or publishers that were refused, dropped, cut off or not counted for it. */
  readonly exceeded: number
}

/** Datagrams to one destination. */
export interface OutputRecord {
  /** Handed to the system. */
  readonly sent: number
  /** Known not to have been delivered. They are among `sent`. */
  readonly undeliverable: number
}

/** The records of named accounts. */
export function recordsOf<T>(
  accounts: Iterable<readonly [name: string, account: { toJSON(): T }]>,
): Record<string, T> {
  return Object.fromEntries([...accounts].map(([name, account]) => [name, account.toJSON()]))
}
