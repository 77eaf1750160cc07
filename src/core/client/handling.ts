import { Condition, isThenable, type WaitOptions } from '../condition.ts'
import type { Ledger } from '../ledger.ts'

/**
 * Hands messages to a role's own code, and counts each of them once, whatever that does: `processed` when it has returned, or
 * the promise that it returned has resolved; or it has failed. It never throws. Where the ledger has no `process`, what does not
 * fail is accounted for by the handler itself.
 */
export class Handling<First, Second> {
  readonly #handler: (first: First, second: Second) => unknown
  readonly #ledger: Ledger
  readonly #onFailed: (error: unknown) => void
  readonly #condition = new Condition()
  /** Messages whose promise is pending. */
  #pending = 0
  #closed = false

  constructor(
    ledger: Ledger,
    handler: (first: First, second: Second) => unknown,
    onFailed: (error: unknown) => void,
  ) {
    this.#ledger = ledger
    this.#handler = handler
    this.#onFailed = onFailed
  }

  /** Hands over one message. @returns a promise where the handler's own is pending; it does not reject */
  hand(first: First, second: Second): void | Promise<void> {
    try {
      const result = this.#handler(first, second)
      if (isThenable(result)) return this.#seeOut(result)
      this.#count()
    } catch (error) {
      this.#onFailed(error)
    }
  }

  /** Resolves once no message is in hand. */
  settle(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#pending === 0, options)
  }

  /** Waits for no handler any more. @returns how many messages are in hand: they count as lost until they are processed after all */
  close(): number {
    if (this.#closed) return 0
    this.#closed = true
    return this.#pending
  }

  async #seeOut(result: PromiseLike<unknown>): Promise<void> {
    // A handler may have closed its own role: then the message was not in hand yet, and is not counted as lost.
    const wasClosed = this.#closed
    const isCountedAsLost = () => this.#closed && !wasClosed
    this.#pending += 1
    try {
      await result
      this.#count()
      if (isCountedAsLost()) this.#ledger.lose('undeliverable', -1)
    } catch (error) {
      if (!isCountedAsLost()) this.#onFailed(error)
    }
    this.#pending -= 1
    this.#condition.notify()
  }

  #count(): void {
    if (this.#ledger.hasProcess) this.#ledger.processed += 1
  }
}
