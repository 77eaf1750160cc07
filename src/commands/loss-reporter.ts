import type { Loss, LossCause } from '../core/ledger.ts'
import type { Terminal } from './terminal.ts'

const INTERVAL_MS = 1_000

/** Says the first loss of a kind at once, and further ones as a count, a line a second at most. */
export class LossReporter {
  readonly #terminal: Terminal
  readonly #seen = new Set<LossCause>()
  readonly #more = new Map<LossCause, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  readonly report = ({ cause, reason, messages = 1, error }: Loss): void => {
    if (!this.#seen.has(cause)) {
      this.#seen.add(cause)
      this.#terminal.warn(
        `lost ${messages === 1 ? 'a message' : `${messages} messages`} (${cause}): ${reason}`,
      )
      if (error instanceof Error && error.stack !== undefined) this.#terminal.detail(error.stack)
      return
    }
    this.#more.set(cause, (this.#more.get(cause) ?? 0) + messages)
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS).unref()
  }

  /** Says what has been counted since. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#more.size === 0) return
    const counts = [...this.#more].map(([cause, messages]) => `${messages} more (${cause})`)
    this.#more.clear()
    this.#terminal.warn(`lost ${counts.join(', ')}`)
  }
}
