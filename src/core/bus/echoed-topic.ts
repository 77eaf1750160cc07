import { asBuffer } from '../wire/utf8.ts'

/** A publisher's messages of one topic, and which of them have come back. */
export class EchoedTopic {
  /** Messages that were published. */
  expected = 0
  /** Messages that have come back, in their order. */
  confirmed = 0
  /** Messages that have come back or are known to be lost. */
  settled = 0
  /** The frames of those that are neither, oldest first. */
  #waiting: Uint8Array[] = []
  #announced = 0

  expect(frame: Uint8Array): void {
    this.expected += 1
    this.#waiting.push(frame)
  }

  /** Whether the publisher's own count of the messages has come by, after all of them. */
  get complete(): boolean {
    return this.#waiting.length === 0 && this.#announced === this.expected
  }

  /** Takes in a frame of this topic, by whomever. @returns the frames that are settled by it */
  echo(frame: Uint8Array): Uint8Array[] {
    const [first] = this.#waiting
    // Another publisher's, or ours after one that was lost: the next announcement tells.
    if (first === undefined || !asBuffer(first).equals(frame)) return []
    this.confirmed += 1
    return this.#settle(1)
  }

  /** Takes in how many messages the publisher had sent when it said so. @returns those that are known to be lost by it */
  announce(sent: number): Uint8Array[] {
    this.#announced = sent
    return this.#settle(Math.max(0, sent - this.settled))
  }

  #settle(count: number): Uint8Array[] {
    this.settled += Math.min(count, this.#waiting.length)
    return this.#waiting.splice(0, count)
  }
}
