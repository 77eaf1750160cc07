import { Fifo } from './fifo.ts'

/** How much a queue holds at most, by whichever of the two is reached first. */
export interface QueueLimits {
  readonly messages: number
  /** The sum of the sizes of what it holds. */
  readonly bytes: number
}

/** Default limits of a publisher's queue, for messages that the bus can't take yet: 65,536 messages or 32 MiB. */
export const PUBLISH_QUEUE: QueueLimits = { messages: 65_536, bytes: 32 * 1024 * 1024 }

/**
 * A first-in, first-out queue with a limit. An item that does not fit any more pushes out the oldest ones: a ground system
 * that falls behind wants the present. Its owner counts what was dropped.
 *
 * An item at its head that can't go yet may be parked, so that it does not keep back those behind it. A parked item still
 * counts against the limits, and is the first to be pushed out.
 */
export class BoundedQueue<T extends { readonly size: number }> {
  readonly limits: QueueLimits
  readonly #dropped: (item: T) => void
  readonly #parked = new Fifo<T>()
  readonly #waiting = new Fifo<T>()

  /** @param dropped called for each item that is pushed out */
  constructor(limits: QueueLimits, dropped: (item: T) => void) {
    this.limits = limits
    this.#dropped = dropped
  }

  /** Items in the queue, parked ones included. */
  get length(): number {
    return this.#parked.length + this.#waiting.length
  }

  /** Items that are not parked. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** The sum of the sizes of all its items. */
  get bytes(): number {
    return this.#parked.bytes + this.#waiting.bytes
  }

  /** The fuller of its two measures, as a share: 1 is full. */
  get fill(): number {
    return Math.max(this.length / this.limits.messages, this.bytes / this.limits.bytes)
  }

  /** Appends an item; the oldest go until it fits. An item that is larger than the whole queue is itself dropped. */
  push(item: T): void {
    if (item.size > this.limits.bytes) {
      this.#dropped(item)
      return
    }
    while (this.length >= this.limits.messages || this.bytes + item.size > this.limits.bytes) {
      const oldest = this.#parked.shift() ?? this.#waiting.shift()
      if (oldest === undefined) break
      this.#dropped(oldest)
    }
    this.#waiting.push(item)
  }

  /** The first item that is not parked. */
  peek(): T | undefined {
    return this.#waiting.peek()
  }

  /** Takes out the first item that is not parked. */
  shift(): T | undefined {
    return this.#waiting.shift()
  }

  /** Sets the first item aside, until {@link unpark}. */
  park(): void {
    const item = this.#waiting.shift()
    if (item !== undefined) this.#parked.push(item)
  }

  /** Puts all parked items back in front, in their order. */
  unpark(): void {
    this.#waiting.prepend(this.#parked)
  }

  /** Empties it. @returns what it held, parked items first */
  clear(): T[] {
    return [...this.#parked.clear(), ...this.#waiting.clear()]
  }
}
