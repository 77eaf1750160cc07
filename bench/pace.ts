/** A load that was held up by more gives up what is late, or it would offer a burst that nobody asked for. In ms. */
const LATE_MS = 10

/** Says how many messages of an even load are due. */
export class Pace {
  readonly #perMs: number
  #startMs: number
  #sent = 0

  /**
   * @param rate messages a second
   * @param nowMs when the first one is due
   */
  constructor(rate: number, nowMs: number) {
    this.#perMs = rate / 1000
    this.#startMs = nowMs
  }

  /** How many are due by now and have not been sent. */
  due(nowMs: number): number {
    const lateMs = nowMs - this.#startMs - this.#sent / this.#perMs
    if (lateMs > LATE_MS) this.#startMs += lateMs
    return Math.max(0, Math.floor((nowMs - this.#startMs) * this.#perMs) + 1 - this.#sent)
  }

  sent(messages: number): void {
    this.#sent += messages
  }
}
