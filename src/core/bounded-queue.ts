/** How much a queue holds at most, by whichever of the two is reached first. */
export interface QueueLimits {
  readonly messages: number
  /** The sum of the sizes of what it holds. */
  readonly bytes: number
}

/** What a publisher holds while the bus can't take it: 65,536 messages or 32 MiB. */
export const PUBLISH_QUEUE: QueueLimits = { messages: 65_536, bytes: 32 * 1024 * 1024 }

/**
 * A first-in, first-out queue with a limit. What does not fit any more pushes out what is oldest: a ground system
 * that falls behind wants the present. Whoever owns it counts what was dropped.
 */
export class BoundedQueue<T extends { readonly size: number }> {
  readonly limits: QueueLimits
  readonly #dropped: (item: T) => void
  #items: (T | undefined)[] = []
  #head = 0
  #bytes = 0

  /** `dropped` is called for each item that is pushed out. */
  constructor(limits: QueueLimits, dropped: (item: T) => void) {
    this.limits = limits
    this.#dropped = dropped
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The fuller of its two measures, as a share: 1 is full. */
  get fill(): number {
    return Math.max(this.length / this.limits.messages, this.#bytes / this.limits.bytes)
  }

  /** Appends an item; the oldest go until it fits. An item that is larger than the whole queue is itself dropped. */
  push(item: T): void {
    if (item.size > this.limits.bytes) {
      this.#dropped(item)
      return
    }
    while (this.length >= this.limits.messages || this.#bytes + item.size > this.limits.bytes) {
      const oldest = this.shift()
      if (oldest === undefined) break
      this.#dropped(oldest)
    }
    this.#items.push(item)
    this.#bytes += item.size
  }

  /** Puts back at its front what was just taken from there, whatever the limits say. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item
    else this.#items.unshift(item)
    this.#bytes += item.size
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    this.#bytes -= item.size
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Empties it, and returns what it held. */
  clear(): T[] {
    const rest = this.#items.slice(this.#head) as T[]
    this.#items = []
    this.#head = 0
    this.#bytes = 0
    return rest
  }
}
