/**
 * The figures of a stream of messages, kept as they come, in constant memory. Times are those at which the tap saw them, in ms
 * on the monotonic clock: that the wall clock is set, or slewed, is no interval.
 */
export class Traffic {
  messages = 0
  bytes = 0
  /** Of the smallest and the largest payload, in bytes; 0 before the first message. */
  smallest = 0
  largest = 0
  /** The times at which the first and the last message were seen. */
  first = 0
  last = 0
  /** The longest time from one message to the next, in seconds. */
  longestInterval = 0
  /** Of the intervals so far: their mean, and the sum of their squared distances from it (Welford's method). */
  #mean = 0
  #squares = 0

  observe(at: number, size: number): void {
    this.messages += 1
    this.bytes += size
    if (this.messages === 1) {
      this.first = at
      this.smallest = size
      this.largest = size
    } else {
      this.#interval((at - this.last) / 1000)
      if (size < this.smallest) this.smallest = size
      else if (size > this.largest) this.largest = size
    }
    this.last = at
  }

  /** The mean size of a payload, in bytes. */
  get meanSize(): number {
    return this.messages === 0 ? 0 : this.bytes / this.messages
  }

  /**
   * Messages a second: those after the first, over the time that they took. With `end`, a silence from the last message
   * until then counts too, so far as it is longer than the mean interval. 0 for fewer than two messages.
   */
  rate(end?: number): number {
    if (this.messages < 2) return 0
    const took = (this.last - this.first) / 1000
    const silence = Math.max(0, this.silence(end) - this.#mean)
    return (this.messages - 1) / (took + silence)
  }

  /** The longest interval in seconds; with `end`, the silence from the last message until then counts as one. */
  longestSilence(end?: number): number {
    return Math.max(this.longestInterval, this.silence(end))
  }

  /** The standard deviation of the intervals between messages, in seconds. Undefined for fewer than two intervals. */
  get jitter(): number | undefined {
    const intervals = this.messages - 1
    return intervals < 2 ? undefined : Math.sqrt(this.#squares / intervals)
  }

  private silence(end: number | undefined): number {
    return end === undefined ? 0 : (end - this.last) / 1000
  }

  #interval(seconds: number): void {
    if (seconds > this.longestInterval) this.longestInterval = seconds
    const distance = seconds - this.#mean
    this.#mean += distance / (this.messages - 1)
    this.#squares += distance * (seconds - this.#mean)
  }
}
