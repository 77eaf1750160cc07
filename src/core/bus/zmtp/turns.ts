/** Time for reading from all connections in one go, in ms. */
const TURN_MS = 10
/** Messages or commands that one connection is read in one go while others wait. */
const SHARE = 256
/** Messages or commands between two looks at the clock. */
const UNITS = 16

/** A connection that waits for its turn. */
interface Waiting {
  readonly resolve: () => void
  /** Messages or commands that it may read then. */
  readonly share: number
}

/**
 * Shares the event loop between the connections of a broker. Where they bring more than can be read in one turn of it, they take
 * turns: each reads its share when the others have, and timers, new connections and those that bring little go in between.
 */
export class Turns {
  /** Messages or commands until the next look at the clock. */
  #left = UNITS
  /** Until when connections are read from; undefined while that is not known to be needed. */
  #until: number | undefined
  /** The rest of the share of the connection that is being read. */
  #share = Number.POSITIVE_INFINITY
  /** The time or the share is used up. */
  #isOver = false
  readonly #waiting: Waiting[] = []
  readonly #now: () => number

  /** @param now the clock, in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Asks for the next message or command of what was read. @returns a promise of the time to read on, where it is not now */
  next(): Promise<void> | undefined {
    if (--this.#left > 0) return undefined
    if (!this.#isOver) this.#look()
    return this.#isOver ? this.#wait() : undefined
  }

  #look(): void {
    this.#left = UNITS
    this.#share -= UNITS
    const now = this.#now()
    if (this.#until === undefined) {
      this.#until = now + TURN_MS
      setImmediate(this.#begin)
    } else if (now >= this.#until || this.#share <= 0) this.#end()
  }

  #wait(): Promise<void> {
    const share = this.#share
    this.#share = 0
    return new Promise(resolve => {
      // One whose time was up before it had its share goes on first: on a busy machine time passes without it.
      if (share > 0 && share < SHARE) this.#waiting.unshift({ resolve, share })
      else this.#waiting.push({ resolve, share: SHARE })
    })
  }

  /** From now on every connection waits. */
  #end(): void {
    this.#isOver = true
    this.#left = 0
  }

  /** A turn of the event loop is over: those that wait read on, one after the other. */
  readonly #begin = (): void => {
    this.#until = this.#now() + TURN_MS
    this.#goOn(this.#until)
  }

  #goOn(until: number): void {
    const next = this.#now() < until ? this.#waiting.shift() : undefined
    if (next === undefined && this.#waiting.length > 0) {
      this.#end()
      this.#share = 0
      setImmediate(this.#begin)
      return
    }
    this.#isOver = false
    this.#left = UNITS
    this.#share = next?.share ?? Number.POSITIVE_INFINITY
    if (next === undefined) {
      this.#until = undefined
      return
    }
    next.resolve()
    // After what waits for the promise: it reads its share at once.
    queueMicrotask(() => this.#goOn(until))
  }
}
