/** A first-in, first-out queue that tracks the sum of its items' sizes. It has no limit. */
export class Fifo<T extends { readonly size: number }> {
  #items: (T | undefined)[] = []
  #head = 0
  #bytes = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** Sum of the sizes of all items. */
  get bytes(): number {
    return this.#bytes
  }

  push(item: T): void {
    this.#items.push(item)
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

  /** Moves all items of another queue to the front of this one. */
  prepend(other: Fifo<T>): void {
    if (other.length === 0) return
    const bytes = this.#bytes + other.bytes
    this.#items = [...other.clear(), ...this.clear()]
    this.#bytes = bytes
  }

  /** Empties the queue. @returns its items */
  clear(): T[] {
    const rest = this.#items.slice(this.#head) as T[]
    this.#items = []
    this.#head = 0
    this.#bytes = 0
    return rest
  }
}
