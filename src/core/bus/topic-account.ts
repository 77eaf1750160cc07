import type { TopicAccountRecord } from '../ledger-sections.ts'
import type { Announcement, Statement } from './announcement.ts'
import { AnnouncedAccount } from './announced-account.ts'
import { StatedAccount } from './stated-account.ts'

/** A receiver's account of one topic: from the statements of groundwire's proxy or, over another broker, from announcements. */
export class TopicAccount {
  /** Messages that have arrived. The owner counts each one here. */
  received = 0
  #stated: StatedAccount | undefined
  #announced: AnnouncedAccount | undefined
  /** Both statements and announcements have come: losses between the two are unknown. */
  #isMixed = false
  #isInterrupted: boolean

  /** @param isInterrupted whether the topic was subscribed before, and then not for a time */
  constructor(isInterrupted = false) {
    this.#isInterrupted = isInterrupted
  }

  /** Takes in a statement or an announcement. @returns number of messages that it shows to be lost */
  take(counts: Announcement | Statement): number {
    if (counts.type === 'statement') {
      this.#isMixed ||= this.#announced !== undefined
      this.#stated ??= new StatedAccount(this.#isInterrupted)
      return this.#stated.take(counts, this.received)
    }
    if (this.#announced === undefined) {
      this.#isMixed = this.#stated !== undefined
      this.#announced = new AnnouncedAccount(this.#isMixed ? this.received : 0, this.#isInterrupted)
    }
    return this.#announced.announce(counts, this.received)
  }

  /** Ends the topic's subscription: messages until the next one do not count. */
  interrupt(): void {
    this.#isInterrupted = true
    this.#stated?.interrupt()
    this.#announced?.interrupt()
  }

  /** Whether every missing message is counted. */
  get isExact(): boolean {
    return this.#state === 'accounted'
  }

  toJSON(): TopicAccountRecord {
    const sum = (of: (account: StatedAccount | AnnouncedAccount) => number) =>
      (this.#stated === undefined ? 0 : of(this.#stated)) +
      (this.#announced === undefined ? 0 : of(this.#announced))
    return {
      state: this.#state,
      publishers: sum(({ publishers }) => publishers),
      announced: sum(({ announced }) => announced),
      lost: sum(({ lost }) => lost),
    }
  }

  get #state(): TopicAccountRecord['state'] {
    if (this.#isMixed) return 'lower bound'
    return this.#stated?.state ?? this.#announced?.state ?? 'unknown'
  }
}
