/** Bits of a value that a bucket keeps: 256 buckets for each power of two, a resolution of 0.4 %. */
const BITS = 8
const EXACT = 1 << BITS
const LARGEST = 0xffff_ffff

/** Percentiles of latencies, in microseconds. */
export interface LatencyFigures {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Counts durations of up to 4.29 s in buckets whose width grows with the value. Recording allocates nothing. */
export class LatencyHistogram {
  readonly #buckets = new Uint32Array(EXACT + (32 - BITS) * (EXACT / 2))
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** @param ns nanoseconds, clamped to 0 to 4.29 s */
  record(ns: number): void {
    const value = ns > 0 ? Math.min(Math.round(ns), LARGEST) : 0
    this.#count += 1
    if (value > this.#max) this.#max = value
    const index = bucketOf(value)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
  }

  /** The percentile in ns: the least value that this share of all values does not exceed. 0 without values. */
  percentile(percent: number): number {
    const rank = Math.ceil((percent / 100) * this.#count)
    let seen = 0
    for (let index = 0; index < this.#buckets.length; index++) {
      seen += this.#buckets[index] ?? 0
      if (seen >= rank && seen > 0) return Math.min(topOf(index), this.#max)
    }
    return this.#max
  }

  figures(): LatencyFigures {
    return {
      p50: us(this.percentile(50)),
      p99: us(this.percentile(99)),
      p999: us(this.percentile(99.9)),
      max: us(this.#max),
    }
  }

  reset(): void {
    this.#buckets.fill(0)
    this.#count = 0
    this.#max = 0
  }
}

/** Converts nanoseconds to microseconds, to a tenth. */
function us(ns: number): number {
  return Math.round(ns / 100) / 10
}

function bucketOf(value: number): number {
  if (value < EXACT) return value
  const shift = 32 - BITS - Math.clz32(value)
  return EXACT + (shift - 1) * (EXACT / 2) + ((value >>> shift) - EXACT / 2)
}

/** Returns the largest value of a bucket. */
function topOf(index: number): number {
  if (index < EXACT) return index
  const shift = Math.floor((index - EXACT) / (EXACT / 2)) + 1
  const mantissa = ((index - EXACT) % (EXACT / 2)) + EXACT / 2
  return (mantissa + 1) * 2 ** shift - 1
}
