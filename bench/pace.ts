/**
 * Longest delay that is caught up with, in ms. A load held up for longer skips the late messages instead of sending a
 * burst that nobody asked for.
 */
const LATE_MS = 10

/** Counts the messages of an even load that are due. */
export class Pace {
  readonly #perMs: number
  #startMs: number
  #sent = 0

  /**
   * @param rate messages per second
   * @param nowMs time of the first message
   */
  constructor(rate: number, nowMs: number) {
    this.#perMs = rate / 1000
    this.#startMs = nowMs
  }

  /** Returns the number of messages due by now and not yet sent. */
  due(nowMs: number): number {
    const lateMs = nowMs - this.#startMs - this.#sent / this.#perMs
    if (lateMs > LATE_MS) this.#startMs += lateMs
    return Math.max(0, Math.floor((nowMs - this.#startMs) * this.#perMs) + 1 - this.#sent)
  }

  sent(messages: number): void {
    this.#sent += messages
  }
}
