import type { Tally } from '../ledger.ts'
import { ANNOUNCEMENT_INTERVAL, ANNOUNCEMENT_PREFIX } from './announcement.ts'
import type { SubscriptionSync } from './subscription-sync.ts'
import type { Subscriptions } from './subscriptions.ts'

/** The topics asked for now, and those that may be asked for yet. */
export interface Demand {
  readonly subscriptions: Subscriptions
  readonly sync: SubscriptionSync
}

/** A topic that somebody asks for, one that somebody may ask for yet, or one that nobody asks for. */
export type Outlook = 'heard' | 'expected' | 'unheard'

/** A topic as its publisher keeps it: encoded once, with its account, and who has asked for it. */
export class PublishedTopic {
  readonly name: string
  /** The first frame of its messages. */
  readonly bytes: Buffer
  /** The first frame of its announcements. */
  readonly announcement: Buffer
  /** Its account in the ledger. */
  readonly tally: Tally
  /** Messages of it that have been sent. */
  sent = 0
  /** How many of them have been announced; -1 while nobody has been told anything. */
  #announced = -1
  /** The version of the demand that the following were worked out from. */
  #version = -1
  #outlook: Outlook = 'expected'
  #accounted = false
  #wasHeard = false

  constructor(name: string, tally: Tally) {
    this.name = name
    this.bytes = Buffer.from(name)
    this.announcement = Buffer.from(ANNOUNCEMENT_PREFIX + name)
    this.tally = tally
  }

  /** Whether somebody has ever asked for it. */
  get wasHeard(): boolean {
    return this.#wasHeard
  }

  /** Whether a message of it would be heard now. */
  outlook(demand: Demand): Outlook {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#outlook
  }

  /** Whether receivers that asked must be told where the count stands before the next message goes. */
  isDue(demand: Demand): boolean {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#accounted && (this.#announced < 0 || this.sent - this.#announced >= ANNOUNCEMENT_INTERVAL)
  }

  /** Whether there is anything new to announce to whoever asked; or anything at all, when it is for repeating. */
  isWorthAnnouncing(demand: Demand, repeat: boolean): boolean {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#accounted && (repeat || this.sent !== this.#announced)
  }

  /** Its count has been announced, as it stands. */
  hasBeenAnnounced(): void {
    this.#announced = this.sent
  }

  #lookUp(demand: Demand): void {
    const { subscriptions, sync } = demand
    this.#version = versionOf(demand)
    const heard = subscriptions.wants(this.bytes)
    this.#wasHeard ||= heard
    this.#outlook = heard ? 'heard' : sync.expects(this.bytes) ? 'expected' : 'unheard'
    // A catch-all subscriber has not asked for announcements, and must not be shown any.
    this.#accounted = subscriptions.wants(this.announcement, { exact: true })
    if (!this.#accounted) this.#announced = -1
  }
}

/** The sum identifies both versions, as each only grows. */
function versionOf({ subscriptions, sync }: Demand): number {
  return subscriptions.version + sync.version
}
