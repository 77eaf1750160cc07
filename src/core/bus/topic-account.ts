import { ANNOUNCEMENT_INTERVAL, type Announcement } from './announcement.ts'

/** Publishers of one topic that are told apart; more than these at a time, and the topic is not accounted for. */
const MAX_PUBLISHERS = 1024
/** Beyond so many, those that have fallen silent are forgotten, and their figures kept. */
const MANY_PUBLISHERS = 64
/** A publisher repeats its announcement every two seconds; one that has not for so long is gone, in ms. */
const GONE_MS = 6_000

/** Messages of one publisher that may be here unannounced: an announcement may be lost, and the next one is not due yet. */
const UNANNOUNCED = 2 * ANNOUNCEMENT_INTERVAL

interface KnownPublisher {
  /** What it had sent by its last announcement. */
  last: number
  /** When that was, on the monotonic clock, in ms. */
  heard: number
}

/** A topic's account as the ledger shows it. */
export interface TopicAccountRecord {
  /**
   * `accounted`: every message that is missing is counted. `not accounted`: more has come than its publishers have
   * announced, so that one of them doesn't say (as AIT's don't), and nothing is claimed. `unknown`: nobody has said.
   */
  readonly state: 'accounted' | 'not accounted' | 'unknown'
  readonly publishers: number
  /** Messages announced since this receiver first heard of each publisher. */
  readonly announced: number
  /** Messages known to be lost between the publishers and here. */
  readonly lost: number
}

/**
 * A receiver's account of one topic: what its publishers say they have sent, against what has arrived.
 *
 * On the way of one publisher's messages ZeroMQ keeps the order. So once an announcement is here, every message that it
 * counts is here or lost. Of other publishers some messages may be here that they have not announced yet, some hundreds
 * each. What has been announced less what has arrived is therefore never more than
 * what is lost, and is exact as soon as all have announced their last message; the greatest such figure is kept.
 *
 * More messages than that allows for mean that somebody publishes without saying so; from then on nothing is claimed.
 */
export class TopicAccount {
  /** Messages that have arrived; counted by the owner, for every message. */
  received = 0
  readonly #publishers = new Map<string, KnownPublisher>()
  /** What all of them have announced, since each was first heard of. */
  #announced = 0
  #lost = 0
  #silent = false
  /** Messages that may have been counted on one side only, where this receiver came late to several publishers. */
  #allowance = 0

  /**
   * Takes in an announcement.
   * @param now the monotonic clock, in ms
   * @returns by how much the count of lost messages has changed: negative when it has to be taken back
   */
  announce({ publisher, sent }: Announcement, now: number = performance.now()): number {
    const known = this.#publishers.get(publisher)
    if (known === undefined) this.#meet(publisher, sent, now)
    else {
      known.heard = now
      if (sent > known.last) this.#advance(known, sent - known.last)
    }
    return this.#settle()
  }

  get lost(): number {
    return this.#silent ? 0 : this.#lost
  }

  toJSON(): TopicAccountRecord {
    const state = this.#silent ? 'not accounted' : this.#publishers.size === 0 ? 'unknown' : 'accounted'
    return { state, publishers: this.#publishers.size, announced: this.#announced, lost: this.lost }
  }

  #meet(publisher: string, sent: number, now: number): void {
    // What another one sent after its last word, before it was killed, must not hide the losses of one that starts here.
    if (sent === 0) this.#creditRest(now)
    if (this.#publishers.size >= MANY_PUBLISHERS) this.#forgetGone(now)
    if (this.#publishers.size >= MAX_PUBLISHERS) {
      this.#silent = true
      return
    }
    if (sent > 0) {
      // We came late: what it sent before is not ours to account for. Of a first publisher that is all there was.
      if (this.#publishers.size === 0 && this.#announced === 0) this.received = 0
      else this.#allowance += ANNOUNCEMENT_INTERVAL
    }
    this.#publishers.set(publisher, { last: sent, heard: now })
  }

  /** Messages that nobody has announced are the only publisher's there is, or were the last one's, if all are gone. */
  #creditRest(now: number): void {
    const latestFirst = [...this.#publishers.values()].sort((a, b) => b.heard - a.heard)
    const [latest, next] = latestFirst
    if (latest === undefined || (next !== undefined && now - next.heard < GONE_MS)) return
    const rest = this.received + this.#lost - this.#announced
    if (rest > 0 && rest <= ANNOUNCEMENT_INTERVAL) this.#advance(latest, rest)
  }

  #forgetGone(now: number): void {
    for (const [id, { heard }] of this.#publishers) if (now - heard >= GONE_MS) this.#publishers.delete(id)
  }

  #advance(publisher: KnownPublisher, messages: number): void {
    publisher.last += messages
    this.#announced += messages
  }

  #settle(): number {
    const before = this.lost
    this.#lost = Math.max(this.#lost, this.#announced - this.received - this.#allowance)
    const unexplained = this.received + this.#lost - this.#announced
    const allowed = (this.#publishers.size - 1) * UNANNOUNCED + this.#allowance
    if (unexplained > allowed) this.#silent = true
    return this.lost - before
  }
}
