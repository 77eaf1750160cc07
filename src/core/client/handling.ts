import { Condition, isThenable, type WaitOptions } from '../condition.ts'
import type { Ledger } from '../ledger.ts'

export interface HandlingHandlers {
  /** The handling of a message ended in an error. */
  readonly onFailed: (error: unknown) => void
  /** So many messages were in hand when the role was closed. */
  readonly onLeft: (messages: number) => void
}

/**
 * Hands messages to a role's own code, and counts each of them once, whatever that does: `processed` when it has returned, or
 * the promise that it returned has resolved; or it has failed. It never throws. Where the ledger has no `process`, the handler itself
 * accounts for messages that do not fail.
 *
 * A handler may end its own role. It is not waited for then, as it would wait for itself, and no loss is told of it.
 */
export class Handling<First, Second> {
  readonly #handler: (first: First, second: Second) => unknown
  readonly #ledger: Ledger
  readonly #handlers: HandlingHandlers
  readonly #condition = new Condition()
  /** Messages whose promise is pending, but for those of handlers that end the role. */
  #pending = 0
  /** Messages whose handler ends the role, and whose promise is pending. */
  #ending = 0
  /** A handler is running: it has not returned yet. */
  #isRunning = false
  /** The handler that is running has asked for the role's end. */
  #endsRole = false
  #closed = false

  constructor(
    ledger: Ledger,
    handler: (first: First, second: Second) => unknown,
    handlers: HandlingHandlers,
  ) {
    this.#ledger = ledger
    this.#handler = handler
    this.#handlers = handlers
  }

  /**
   * Hands over one message; once closed, counts it as left.
   * @returns a promise where the next message has to wait for the handler's own; it does not reject
   */
  hand(first: First, second: Second): void | Promise<void> {
    if (this.#closed) {
      this.#handlers.onLeft(1)
      return
    }
    this.#isRunning = true
    try {
      const result = this.#handler(first, second)
      this.#isRunning = false
      if (isThenable(result)) return this.#await(result)
      this.#count()
    } catch (error) {
      this.#isRunning = false
      this.#handlers.onFailed(error)
    }
    this.#endsRole = false
  }

  /** Resolves once no message is in hand, but for those whose handlers end the role. */
  settle(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#pending === 0, options)
  }

  /** The role's end has been asked for: by the handler that is running, where there is one. */
  end(): void {
    this.#endsRole = this.#isRunning
  }

  /** Waits for no handler any more. Messages in hand count as lost until they are processed after all. */
  close(): void {
    if (this.#closed) return
    this.end()
    this.#closed = true
    this.#ledger.lose('undeliverable', this.#ending)
    if (this.#pending > 0) this.#handlers.onLeft(this.#pending)
  }

  #await(result: PromiseLike<unknown>): void | Promise<void> {
    if (!this.#endsRole) return this.#seeOut(result)
    this.#endsRole = false
    void this.#seeOutEnding(result)
  }

  async #seeOut(result: PromiseLike<unknown>): Promise<void> {
    this.#pending += 1
    try {
      await result
      this.#count()
      if (this.#closed) this.#ledger.lose('undeliverable', -1)
    } catch (error) {
      if (!this.#closed) this.#handlers.onFailed(error)
    }
    this.#pending -= 1
    this.#condition.notify()
  }

  /** As nothing was told of its loss, its error is. */
  async #seeOutEnding(result: PromiseLike<unknown>): Promise<void> {
    this.#ending += 1
    if (this.#closed) this.#ledger.lose('undeliverable')
    const settle = () => {
      this.#ending -= 1
      if (this.#closed) this.#ledger.lose('undeliverable', -1)
    }
    try {
      await result
      settle()
      this.#count()
    } catch (error) {
      settle()
      this.#handlers.onFailed(error)
    }
  }

  #count(): void {
    if (this.#ledger.hasProcess) this.#ledger.processed += 1
  }
}
