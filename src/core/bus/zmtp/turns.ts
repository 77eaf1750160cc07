/** How long connections are read from in one go, all together, in ms; and one of them, while others wait. */
const TURN_MS = 10
const SHARE_MS = 1
/** Messages or commands between two looks at the clock. */
const UNITS = 16

/**
 * Shares the event loop between the connections of a broker. Where they bring more than can be read in one turn of it, they take
 * turns: each reads on for a while when the others have, and timers, new connections and those that bring little go in between.
 */
export class Turns {
  /** Messages or commands until the next look at the clock. */
  #left = UNITS
  /** Until when connections are read from; undefined while that is not known to be needed. */
  #until: number | undefined
  /** The time is up, or others have waited for longer. */
  #isOver = false
  readonly #waiting: (() => void)[] = []

  /** Asks for the next message or command of what was read. @returns a promise of the time to read on, where it is not now */
  next(): Promise<void> | undefined {
    if (--this.#left > 0) return undefined
    if (!this.#isOver) this.#look()
    return this.#isOver ? this.#wait() : undefined
  }

  #look(): void {
    this.#left = UNITS
    const now = performance.now()
    if (this.#until === undefined) {
      this.#until = now + TURN_MS
      setImmediate(this.#begin)
    } else if (now >= this.#until) {
      // From now on every connection waits.
      this.#isOver = true
      this.#left = 0
    }
  }

  #wait(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push(resolve)
    })
  }

  /** A turn of the event loop is over: those that wait read on, one after the other. */
  readonly #begin = (): void => this.#share(performance.now() + TURN_MS)

  #share(until: number): void {
    const now = performance.now()
    const next = now < until ? this.#waiting.shift() : undefined
    this.#isOver = next === undefined && this.#waiting.length > 0
    this.#left = this.#isOver ? 0 : UNITS
    this.#until = undefined
    if (this.#isOver) setImmediate(this.#begin)
    if (next === undefined) return
    this.#until = now + SHARE_MS
    next()
    // After what waits for the promise: it reads its share at once.
    queueMicrotask(() => this.#share(until))
  }
}
