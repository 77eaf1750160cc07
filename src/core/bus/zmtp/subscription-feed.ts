import type { SubscriptionChange } from '../carrier.ts'
import type { Connection } from './connection.ts'

/** Limit for subscriptions that a publisher has not read, in bytes. It is told the rest once it has read these. */
const MAX_WAITING = 64 * 1024

/** A prefix that is asked for: one of a list, the oldest first. */
interface Entry {
  readonly prefix: Buffer
  /** Grows along the list. */
  readonly number: number
  previous: Entry | undefined
  next: Entry | undefined
}

/** How far a publisher has been told. */
interface Reader {
  /** The first entry that it has not been told of; undefined where it has been told of all. */
  next: Entry | undefined
  /** The number of the last one that it has been told of. */
  told: number
  /** Prefixes whose cancellation it has not been told of yet, by their bytes as Latin-1. */
  readonly cancelled: Map<string, Buffer>
}

/**
 * The subscriptions, and how many of them each publisher has been told. A publisher that does not read is told later, and only
 * the difference: it never hears of a subscription that came and went meanwhile.
 */
export class SubscriptionFeed {
  readonly #entries = new Map<string, Entry>()
  readonly #readers = new Map<Connection, Reader>()
  readonly #maxCancelled: number
  #first: Entry | undefined
  #last: Entry | undefined
  #number = 0
  /** Cancellations that wait, for all publishers together. */
  #cancelled = 0

  /** @param maxCancelled cancellations that may wait for all publishers together */
  constructor(maxCancelled: number) {
    this.#maxCancelled = maxCancelled
  }

  /** Adds a publisher, and tells it all subscriptions. */
  join(connection: Connection): void {
    this.#readers.set(connection, { next: this.#first, told: 0, cancelled: new Map() })
    this.tell(connection)
  }

  leave(connection: Connection): void {
    this.#cancelled -= this.#readers.get(connection)?.cancelled.size ?? 0
    this.#readers.delete(connection)
  }

  change({ prefix, subscribe }: SubscriptionChange): void {
    const key = prefix.toString('latin1')
    const known = this.#entries.get(key)
    if (subscribe && known === undefined) this.#add(key, Buffer.from(prefix))
    else if (!subscribe && known !== undefined) this.#remove(key, known)
    else return
    for (const connection of this.#readers.keys()) this.tell(connection)
  }

  /** Tells a publisher the changes that it does not know yet, as far as it reads. */
  tell(connection: Connection): void {
    const reader = this.#readers.get(connection)
    if (reader === undefined) return
    const { writer } = connection
    for (const [key, prefix] of reader.cancelled) {
      if (writer.bytes > MAX_WAITING) return
      reader.cancelled.delete(key)
      this.#cancelled -= 1
      connection.subscribe({ prefix, subscribe: false })
    }
    for (; reader.next !== undefined && writer.bytes <= MAX_WAITING; reader.next = reader.next.next) {
      reader.told = reader.next.number
      connection.subscribe({ prefix: reader.next.prefix, subscribe: true })
    }
  }

  #add(key: string, prefix: Buffer): void {
    const entry = { prefix, number: ++this.#number, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#entries.set(key, entry)
    for (const reader of this.#readers.values()) reader.next ??= entry
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    if (entry.previous === undefined) this.#first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#last = entry.previous
    else entry.next.previous = entry.previous
    for (const reader of this.#readers.values()) {
      if (reader.next === entry) reader.next = entry.next
      if (reader.told < entry.number || reader.cancelled.has(key)) continue
      reader.cancelled.set(key, entry.prefix)
      this.#cancelled += 1
    }
    if (this.#cancelled > this.#maxCancelled) this.#cutOffLargest()
  }

  /** Cuts off the publisher with the most unread cancellations: one that reads nothing through so many changes is dead. */
  #cutOffLargest(): void {
    let largest: [Connection, Reader] | undefined
    for (const one of this.#readers)
      if (one[1].cancelled.size > (largest?.[1].cancelled.size ?? 0)) largest = one
    if (largest === undefined) return
    this.leave(largest[0])
    largest[0].fail('it does not read its subscriptions')
  }
}
