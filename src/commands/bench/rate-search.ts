/** The options of a {@link RateSearch}. */
export interface RateSearchOptions {
  /** The first value tried. It is doubled while it passes. */
  readonly start: number
  /** The largest value tried. */
  readonly limit: number
  /** The search ends once the passed and the failed value are this close: 0.05 is 5 %. */
  readonly resolution: number
  /** Attempts until a value has failed. Default 2, as other work on the machine may spoil one. */
  readonly attempts?: number
}

/**
 * Finds the highest value that passes, first doubling and then bisecting, like the throughput test of RFC 2544 (section
 * 26.1).
 *
 * It tries nothing itself: {@link next} gives the value to try, {@link record} takes the outcome. So several searches can
 * take turns.
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

  /** The value to try next. Undefined once the search is over. */
  get next(): number | undefined {
    return this.#value
  }

  /** The highest value that passed; 0 before the first pass. */
  get best(): number {
    return this.#passed
  }

  /**
   * Takes the outcome of a trial in.
   * @param achieved the value really tried, if less than {@link next}. The search goes on while this value grows, and ends
   *   once several attempts have not raised it.
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
    // Without a pass so far, keep halving until nothing is left.
    if (this.#passed === 0) return Math.floor(failed / 2)
    if (failed <= this.#passed * (1 + this.#options.resolution)) return undefined
    const middle = Math.round((this.#passed + failed) / 2)
    return middle > this.#passed && middle < failed ? middle : undefined
  }
}
