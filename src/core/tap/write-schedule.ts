/** While messages keep coming, those of so long share a write, in ms: a write costs as much as twenty messages do. */
const GATHER_MS = 5

/** Decides when a write begins: soon, but together with what comes meanwhile. */
export class WriteSchedule {
  readonly #begin: () => void
  #scheduled: NodeJS.Immediate | NodeJS.Timeout | undefined
  #isSoon = false
  /** The time at which the last write began, on the monotonic clock. */
  #last = Number.NEGATIVE_INFINITY

  /** @param begin begins a write */
  constructor(begin: () => void) {
    this.#begin = begin
  }

  /** A write begins now: the next one gathers from here on. */
  mark(): void {
    this.#last = performance.now()
  }

  /**
   * Plans a write.
   * @param isWhole there is as much as a write takes: it waits for a turn of the event loop only, as after a pause
   */
  plan(isWhole: boolean): void {
    if (this.#isSoon || (this.#scheduled !== undefined && !isWhole)) return
    this.cancel()
    const waitMs = isWhole ? 0 : this.#last + GATHER_MS - performance.now()
    const begin = () => {
      this.#scheduled = undefined
      this.#isSoon = false
      this.#begin()
    }
    this.#isSoon = waitMs <= 0
    this.#scheduled = this.#isSoon ? setImmediate(begin) : setTimeout(begin, waitMs)
  }

  cancel(): void {
    if (this.#isSoon) clearImmediate(this.#scheduled as NodeJS.Immediate)
    else clearTimeout(this.#scheduled as NodeJS.Timeout | undefined)
    this.#scheduled = undefined
    this.#isSoon = false
  }
}
