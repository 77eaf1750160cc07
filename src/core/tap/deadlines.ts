/** Times after which a watch ends, in ms. Undefined is never. */
export interface DeadlineOptions {
  /** In all. */
  readonly timeout: number | undefined
  /** After it is ready. */
  readonly duration: number | undefined
  /** After the last message, or from when it is ready. */
  readonly idle: number | undefined
}

/** Ends a watch by the clock. */
export class Deadlines {
  readonly #options: DeadlineOptions
  readonly #lastSeen: () => number | undefined
  readonly #end: () => void
  readonly #timers: NodeJS.Timeout[] = []
  #isReady = false

  /**
   * Begins with the time in all.
   * @param lastSeen when the last message was seen, on the monotonic clock
   * @param end ends the watch
   */
  constructor(options: DeadlineOptions, lastSeen: () => number | undefined, end: () => void) {
    this.#options = options
    this.#lastSeen = lastSeen
    this.#end = end
    if (options.timeout !== undefined) this.#timers.push(setTimeout(end, options.timeout))
  }

  /** The watch is ready: begins with the other times. A connection that comes back changes nothing. */
  ready(): void {
    if (this.#isReady) return
    this.#isReady = true
    const { duration, idle } = this.#options
    if (duration !== undefined) this.#timers.push(setTimeout(this.#end, duration))
    if (idle !== undefined) this.#watchIdle(performance.now(), idle, idle)
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** A timer for every message would cost more than the message: when one has run out, the next is set for the rest. */
  #watchIdle(began: number, idle: number, wait: number): void {
    const timer = setTimeout(() => {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      const left = Math.max(began, this.#lastSeen() ?? began) + idle - performance.now()
      if (left <= 0) this.#end()
      else this.#watchIdle(began, idle, left)
    }, wait)
    this.#timers.push(timer)
  }
}
