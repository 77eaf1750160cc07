import { type Announcement, ANNOUNCEMENT_INTERVAL } from './announcement.ts'

/** Publishers of one topic that are told apart; those met first are forgotten first. */
const MAX_PUBLISHERS = 1_024
/** Messages of one publisher that may be here unannounced: an announcement may be lost, and the next one is not due yet. */
const UNANNOUNCED = 2 * ANNOUNCEMENT_INTERVAL

/**
 * A receiver's account of one topic where the proxy keeps none: what its publishers announce, against what has arrived.
 *
 * A broker keeps the order of one publisher's messages. So once an announcement is here, every message that it counts is
 * here or lost, and what was announced less what has arrived is never more than what is lost. With a single publisher
 * it is exact. With several it is a lower bound: messages of one that are here unannounced hide losses of another, for good where
 * that one was killed.
 */
export class AnnouncedAccount {
  /** By publisher: the last count. */
  readonly #publishers = new Map<string, number>()
  #met = 0
  /** Messages announced since each publisher was first heard of. */
  announced = 0
  /** Messages that had arrived before this account began. */
  #base: number
  lost = 0
  /** More has arrived than can have been announced: somebody does not announce. */
  #exceeded = false
  /** The topic was not asked for at times: no announcement tells which of its messages were sent meanwhile. */
  #isInterrupted: boolean

  /**
   * @param received messages that have arrived so far
   * @param isInterrupted the topic was asked for before, and then not for a time
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
   * Takes in an announcement. After an interruption no further loss is known by it: it may be from before, and the next one of after.
   * @param received messages that have arrived so far
   * @returns messages that are known to be lost by it
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

  /** The topic is not asked for any more. What was lost since the last announcement is never known. */
  interrupt(): void {
    this.#isInterrupted = true
    this.#publishers.clear()
  }

  #meet(publisher: string, sent: number, received: number): void {
    this.#met += 1
    // We came late: what it sent before is not ours to account for. Of a first publisher that is all there was.
    if (this.#met === 1 && sent > 0) this.#base = received - this.announced + this.lost
    const [oldest] = this.#publishers.keys()
    if (this.#publishers.size >= MAX_PUBLISHERS && oldest !== undefined) this.#publishers.delete(oldest)
    this.#publishers.set(publisher, sent)
  }
}
