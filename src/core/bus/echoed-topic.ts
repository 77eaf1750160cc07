import { asBuffer } from '../wire/utf8.ts'

/** A publisher's messages of one topic on their way through the proxy and back. */
export class EchoedTopic {
  /** Published messages. */
  expected = 0
  /** Messages that have come back, in their order. */
  confirmed = 0
  /** Messages that have come back, or are known to be lost. */
  settled = 0
  /** Frames that are not settled, oldest first. */
  #waiting: Uint8Array[] = []
  #announced = 0

  expect(frame: Uint8Array): void {
    this.expected += 1
    this.#waiting.push(frame)
  }

  /** Whether all messages are settled, and the publisher's announced count agrees. */
  get complete(): boolean {
    return this.#waiting.length === 0 && this.#announced === this.expected
  }

  /** Takes in a frame of this topic from any publisher. @returns the frames that it settles */
  echo(frame: Uint8Array): Uint8Array[] {
    const [first] = this.#waiting
    // It is another publisher's, or ours after a lost one: the next announcement tells.
    if (first === undefined || !asBuffer(first).equals(frame)) return []
    this.confirmed += 1
    return this.#settle(1)
  }

  /** Takes in the publisher's announced count. @returns the frames that it shows to be lost */
  announce(sent: number): Uint8Array[] {
    this.#announced = sent
    return this.#settle(Math.max(0, sent - this.settled))
  }

  #settle(count: number): Uint8Array[] {
    this.settled += Math.min(count, this.#waiting.length)
    return this.#waiting.splice(0, count)
  }
}
