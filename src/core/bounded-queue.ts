import { Fifo } from './fifo.ts'

/** Limits of a queue. Whichever is reached first applies. */
export interface QueueLimits {
  readonly messages: number
  /** Sum of the sizes of the queue's items. */
  readonly bytes: number
}

/** Default limits of a publisher's queue, for messages that the bus can't take yet: 65,536 messages or 32 MiB. */
export const PUBLISH_QUEUE: QueueLimits = { messages: 65_536, bytes: 32 * 1024 * 1024 }

/**
 * A first-in, first-out queue with a limit. If a new item does not fit, the oldest items are pushed out: a ground
 * system that falls behind wants the present. The owner counts what was dropped.
 *
 * An item at the head that can't leave yet may be parked, so that it does not hold up the items behind it. A parked
 * item still counts against the limits, and is the first to be pushed out.
 */
export class BoundedQueue<T extends { readonly size: number }> {
  readonly limits: QueueLimits
  readonly #dropped: (item: T) => void
  readonly #parked = new Fifo<T>()
  readonly #waiting = new Fifo<T>()

  /** @param dropped called for each item that was pushed out */
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

  /** Sum of the sizes of all items. */
  get bytes(): number {
    return this.#parked.bytes + this.#waiting.bytes
  }

  /** Fill level from 0 to 1: the fuller of the two measures. */
  get fill(): number {
    return Math.max(this.length / this.limits.messages, this.bytes / this.limits.bytes)
  }

  /** Appends an item, pushing out the oldest until it fits. An item larger than the whole queue is dropped itself. */
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

  /** Returns the first item that is not parked. */
  peek(): T | undefined {
    return this.#waiting.peek()
  }

  /** Removes and returns the first item that is not parked. */
  shift(): T | undefined {
    return this.#waiting.shift()
  }

  /** Parks the first item until {@link unpark}. */
  park(): void {
    const item = this.#waiting.shift()
    if (item !== undefined) this.#parked.push(item)
  }

  /** Puts all parked items back at the head, in their order. */
  unpark(): void {
    this.#waiting.prepend(this.#parked)
  }

  /** Empties the queue. @returns all items, parked ones first */
  clear(): T[] {
    return [...this.#parked.clear(), ...this.#waiting.clear()]
  }
}
