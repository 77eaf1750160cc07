import { ANNOUNCEMENT_INTERVAL, type Announcement } from './announcement.ts'

/** Publishers of one topic that are told apart; more than these, and the topic is not accounted for. */
const MAX_PUBLISHERS = 256

interface KnownPublisher {
  /** What it had sent when this receiver first heard of it. */
  readonly base: number
  /** What it had sent by its last announcement. */
  last: number
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
 * counts is here or lost. Of other publishers some messages may be here that they have not announced yet, never more
 * than {@link ANNOUNCEMENT_INTERVAL} each. What has been announced less what has arrived is therefore never more than
 * what is lost, and is exact as soon as all have announced their last message; the greatest such figure is kept.
 *
 * More messages than that allows for mean that somebody publishes without saying so; from then on nothing is claimed.
 */
export class TopicAccount {
  /** Messages that have arrived; counted by the owner, for every message. */
  received = 0
  readonly #publishers = new Map<string, KnownPublisher>()
  #lost = 0
  #silent = false
  /** Messages that may have been counted on one side only, where this receiver came late to several publishers. */
  #allowance = 0

  /**
   * Takes in an announcement.
   * @returns by how much the count of lost messages has changed: negative when it has to be taken back
   */
  announce({ publisher, sent }: Announcement): number {
    const known = this.#publishers.get(publisher)
    if (known === undefined) this.#meet(publisher, sent)
    else if (sent >= known.last) known.last = sent
    return this.#settle()
  }

  get lost(): number {
    return this.#silent ? 0 : this.#lost
  }

  toJSON(): TopicAccountRecord {
    const state = this.#silent ? 'not accounted' : this.#publishers.size === 0 ? 'unknown' : 'accounted'
    return { state, publishers: this.#publishers.size, announced: this.#announced(), lost: this.lost }
  }

  #meet(publisher: string, sent: number): void {
    if (this.#publishers.size >= MAX_PUBLISHERS) {
      this.#silent = true
      return
    }
    if (sent > 0) {
      // We came late: what it sent before is not ours to account for. Of a first publisher that is all there was.
      if (this.#publishers.size === 0) this.received = 0
      else this.#allowance += ANNOUNCEMENT_INTERVAL
    } else if (this.#publishers.size > 0) {
      // It starts here. What another one sent after its last word, and before it was killed, is not this one's.
      this.#creditRest()
    }
    this.#publishers.set(publisher, { base: sent, last: sent })
  }

  /** Messages that came after the last announcement of the only other publisher are its own. */
  #creditRest(): void {
    if (this.#publishers.size !== 1) return
    const [only] = this.#publishers.values()
    const surplus = this.received + this.#lost - this.#announced()
    if (only !== undefined && surplus > 0 && surplus <= ANNOUNCEMENT_INTERVAL) only.last += surplus
  }

  #settle(): number {
    const before = this.lost
    const announced = this.#announced()
    this.#lost = Math.max(this.#lost, announced - this.received - this.#allowance)
    const unexplained = this.received + this.#lost - announced
    const allowed = (this.#publishers.size - 1) * ANNOUNCEMENT_INTERVAL + this.#allowance
    if (unexplained > allowed) this.#silent = true
    return this.lost - before
  }

  #announced(): number {
    let sum = 0
    for (const { base, last } of this.#publishers.values()) sum += last - base
    return sum
  }
}
