import type { ProxyAccounts } from './proxy-accounts.ts'
import type { ForwardedTopic } from './forwarded-topic.ts'

/** Interval at which the accounts of topics are stated where messages are few, in ms. */
const ROUND_MS = 500
/** Time that statements may keep the event loop at a time, in ms. */
const TURN_MS = 5
/** Every so many rounds what is not new is stated as well: the last statement may itself have been lost. */
const REPEAT_EVERY = 4

/** States the accounts of a proxy's topics twice a second, some in each turn of the event loop: messages don't wait for all of them. */
export class StatementRounds {
  readonly #accounts: ProxyAccounts
  readonly #timer: NodeJS.Timeout
  #round = 0
  /** Topics that are still to be stated in this round. */
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
    // The last round goes on where it has taken longer than its interval.
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
