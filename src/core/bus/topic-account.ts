import type { TopicAccountRecord } from '../ledger-sections.ts'
import type { Announcement, Statement } from './announcement.ts'
import { AnnouncedAccount } from './announced-account.ts'
import { StatedAccount } from './stated-account.ts'

/** A receiver's account of one topic: by the statements of groundwire's proxy or, over another broker, by announcements. */
export class TopicAccount {
  /** Messages that have arrived; counted by the owner, for every message. */
  received = 0
  #stated: StatedAccount | undefined
  #announced: AnnouncedAccount | undefined
  /** Statements and announcements have come in turn: between the two nothing is known. */
  #isMixed = false
  #isInterrupted: boolean

  /** @param isInterrupted the topic was asked for before, and then not for a time */
  constructor(isInterrupted = false) {
    this.#isInterrupted = isInterrupted
  }

  /** Takes in what a proxy or a publisher has said. @returns messages that are known to be lost by it */
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

  /** The topic is not asked for any more: what is published until it is again is not ours to account for. */
  interrupt(): void {
    this.#isInterrupted = true
    this.#stated?.interrupt()
    this.#announced?.interrupt()
  }

  /** Whether every message that is missing is counted. */
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
