/** The options of a {@link RateSearch}. */
export interface RateSearchOptions {
  /** The value that is tried first. It is doubled while it passes. */
  readonly start: number
  /** Nothing over this is tried. */
  readonly limit: number
  /** It ends when what passed and what failed are this close: 0.05 is 5 %. */
  readonly resolution: number
  /** Attempts until a value has failed. Default 2: a machine that does other work has its moments. */
  readonly attempts?: number
}

/**
 * Finds the highest value that passes, by doubling and then by bisection, as RFC 2544 (section 26.1) finds a throughput.
 *
 * It does not try anything itself: {@link next} says what is to be tried, {@link record} what came of it. So several
 * searches can take turns.
 */
export class RateSearch {
  readonly #options: RateSearchOptions
  #passed = 0
  #failed: number | undefined
  #value: number | undefined
  #attempts = 0

  constructor(options: RateSearchOptions) {
    this.#options = options
    this.#value = Math.min(options.start, options.limit)
  }

  /** The value to try next, or undefined when the search is over. */
  get next(): number | undefined {
    return this.#value
  }

  /** The highest value that passed; 0 while none has. */
  get best(): number {
    return this.#passed
  }

  /**
   * Takes the outcome of a trial in.
   * @param achieved what was really tried, where that was less than {@link next}. The search goes on as long as it grows,
   *   and ends where several attempts have not made it any more.
   */
  record(passed: boolean, achieved: number = this.#value ?? 0): void {
    const value = this.#value
    if (value === undefined) return
    if (passed) {
      const fellShort = achieved < value && achieved <= this.#passed * (1 + this.#options.resolution)
      this.#passed = Math.max(this.#passed, Math.min(achieved, value))
      if (fellShort && ++this.#attempts < this.#most) return
      this.#value = fellShort ? undefined : this.#above()
      this.#attempts = 0
      return
    }
    this.#attempts += 1
    if (this.#attempts < this.#most) return
    this.#attempts = 0
    this.#failed = value
    this.#value = this.#between()
  }

  get #most(): number {
    return this.#options.attempts ?? 2
  }

  #above(): number | undefined {
    if (this.#failed !== undefined) return this.#between()
    if (this.#passed >= this.#options.limit) return undefined
    return Math.min(this.#passed * 2, this.#options.limit)
  }

  #between(): number | undefined {
    const failed = this.#failed ?? this.#options.limit
    if (failed <= 1) return undefined
    // Nothing has passed yet: go down by halves, until there is nothing left to go to.
    if (this.#passed === 0) return Math.floor(failed / 2)
    if (failed <= this.#passed * (1 + this.#options.resolution)) return undefined
    const middle = Math.round((this.#passed + failed) / 2)
    return middle > this.#passed && middle < failed ? middle : undefined
  }
}
