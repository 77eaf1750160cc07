import { type Announcement, ANNOUNCEMENT_INTERVAL } from './announcement.ts'

/** Publishers of one topic that are told apart; beyond that the ones met first are forgotten. */
const MAX_PUBLISHERS = 1_024
/** Unannounced messages of one publisher that may have arrived: one announcement lost, and the next not due yet. */
const UNANNOUNCED = 2 * ANNOUNCEMENT_INTERVAL

/**
 * A receiver's account of one topic over a proxy without accounts. It compares the publishers' announced counts with the messages
 * that arrived.
 *
 * A broker keeps the order of one publisher's messages. So when an announcement arrives, every message that it counts has
 * arrived or is lost, and announced minus arrived never exceeds the loss. With one publisher the figure is exact. With several
 * it is a lower bound: one publisher's unannounced messages hide another's losses, and hide them for good if that publisher
 * was killed.
 */
export class AnnouncedAccount {
  /** The last count of each publisher. */
  readonly #publishers = new Map<string, number>()
  #met = 0
  /** Messages announced since each publisher was first heard of. */
  announced = 0
  /** Messages that had arrived before this account began. */
  #base: number
  lost = 0
  /** More has arrived than the announcements allow: some publisher does not announce. */
  #exceeded = false
  /** The topic was unsubscribed for a time: no announcement tells which of its messages were sent meanwhile. */
  #isInterrupted: boolean

  /**
   * @param received messages that have arrived so far
   * @param isInterrupted whether the topic was subscribed before, and then not for a time
   */
  constructor(received: number, isInterrupted = false) {
    this.#base = received
    this.#isInterrupted = isInterrupted
  }

  get publishers(): number {
    return this.#publishers.size
  }

  get state(): 'accounted' | 'lower bound' | 'not accounted' {
    if (this.#exceeded) return 'not accounted'
    return this.#met > 1 || this.#isInterrupted ? 'lower bound' : 'accounted'
  }

  /**
   * Takes in an announcement. After an interruption it shows no further loss: it may date from before the interruption, and the
   * next one from after.
   * @param received messages that have arrived so far
   * @returns number of messages that it shows to be lost
   */
  announce({ publisher, sent }: Announcement, received: number): number {
    if (this.#isInterrupted) return 0
    const last = this.#publishers.get(publisher)
    if (last === undefined) this.#meet(publisher, sent, received)
    else if (sent > last) {
      this.#publishers.set(publisher, sent)
      this.announced += sent - last
    }
    const arrived = received - this.#base
    const before = this.lost
    this.lost = Math.max(before, this.announced - arrived)
    if (arrived + this.lost - this.announced > (this.#met - 1) * UNANNOUNCED) this.#exceeded = true
    return this.lost - before
  }

  /** Ends the topic's subscription. Losses since the last announcement stay unknown. */
  interrupt(): void {
    this.#isInterrupted = true
    this.#publishers.clear()
  }

  #meet(publisher: string, sent: number, received: number): void {
    this.#met += 1
    // We came late, so messages sent before do not count. With a first publisher, those are all that came before.
    if (this.#met === 1 && sent > 0) this.#base = received - this.announced + this.lost
    const [oldest] = this.#publishers.keys()
    if (this.#publishers.size >= MAX_PUBLISHERS && oldest !== undefined) this.#publishers.delete(oldest)
    this.#publishers.set(publisher, sent)
  }
}
