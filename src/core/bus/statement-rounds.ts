import type { ProxyAccounts } from './proxy-accounts.ts'
import type { ForwardedTopic } from './forwarded-topic.ts'

/** Interval of statements while messages are few, in ms. */
const ROUND_MS = 500
/** Longest turn of statements on the event loop, in ms. */
const TURN_MS = 5
/** One round in so many repeats unchanged accounts too: the last statement may itself have been lost. */
const REPEAT_EVERY = 4

/** States a proxy's accounts twice a second, in short turns on the event loop, so that messages don't wait for all of them. */
export class StatementRounds {
  readonly #accounts: ProxyAccounts
  readonly #timer: NodeJS.Timeout
  #round = 0
  /** Topics still to be stated in this round. */
  #rest: ForwardedTopic[] = []

  constructor(accounts: ProxyAccounts) {
    this.#accounts = accounts
    this.#timer = setInterval(() => this.#begin(), ROUND_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#rest = []
  }

  #begin(): void {
    // A round that takes longer than the interval goes on.
    if (this.#rest.length > 0) return
    this.#round += 1
    this.#accounts.recount()
    this.#rest = [...this.#accounts.topics]
    this.#turn()
  }

  #turn(): void {
    const until = performance.now() + TURN_MS
    for (let topic = this.#rest.pop(); topic !== undefined; topic = this.#rest.pop()) {
      topic.state(this.#round % REPEAT_EVERY === 0)
      if (performance.now() < until) continue
      setImmediate(() => this.#turn())
      return
    }
  }
}
