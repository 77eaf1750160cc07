import type { Tally } from '../ledger.ts'
import { ANNOUNCEMENT_INTERVAL, ANNOUNCEMENT_PREFIX } from './announcement.ts'
import type { SubscriptionSync } from './subscription-sync.ts'
import type { Subscriptions } from './subscriptions.ts'

/** The present subscriptions, and those that may still come. */
export interface Demand {
  readonly subscriptions: Subscriptions
  readonly sync: SubscriptionSync
}

/** A topic has a subscriber (`heard`), may get one (`expected`), or has none (`unheard`). */
export type Outlook = 'heard' | 'expected' | 'unheard'

/** A topic as its publisher keeps it: its encoded name, its tally, and the demand for it. */
export class PublishedTopic {
  readonly name: string
  /** First frame of the topic's messages. */
  readonly bytes: Buffer
  /** First frame of the topic's announcements. */
  readonly announcement: Buffer
  /** The topic's tally in the ledger. */
  readonly tally: Tally
  /** Sent messages of the topic. */
  sent = 0
  /** `sent` in the last announcement; -1 before the first. */
  #announced = -1
  /** Version of the demand that the following fields are derived from. */
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

  /** Whether the topic has ever had a subscriber. */
  get wasHeard(): boolean {
    return this.#wasHeard
  }

  /** Whether a message of the topic would be heard now. */
  outlook(demand: Demand): Outlook {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#outlook
  }

  /** Whether the count has to be announced before the next message. */
  isDue(demand: Demand): boolean {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#accounted && (this.#announced < 0 || this.sent - this.#announced >= ANNOUNCEMENT_INTERVAL)
  }

  /** Whether a subscriber wants the count, and it has changed since it was announced; with `repeat`, changed or not. */
  isWorthAnnouncing(demand: Demand, repeat: boolean): boolean {
    if (this.#version !== versionOf(demand)) this.#lookUp(demand)
    return this.#accounted && (repeat || this.sent !== this.#announced)
  }

  /** Takes note that the present count has been announced. */
  hasBeenAnnounced(): void {
    this.#announced = this.sent
  }

  #lookUp(demand: Demand): void {
    const { subscriptions, sync } = demand
    this.#version = versionOf(demand)
    const heard = subscriptions.wants(this.bytes)
    this.#wasHeard ||= heard
    this.#outlook = heard ? 'heard' : sync.expects(this.bytes) ? 'expected' : 'unheard'
    // A catch-all subscriber has not asked for announcements, and must not get any.
    this.#accounted = subscriptions.wants(this.announcement, { exact: true })
    if (!this.#accounted) this.#announced = -1
  }
}

/** The sum identifies both versions, as each only grows. */
function versionOf({ subscriptions, sync }: Demand): number {
  return subscriptions.version + sync.version
}
