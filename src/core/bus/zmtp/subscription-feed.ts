import type { SubscriptionChange } from '../carrier.ts'
import { type Place, PrefixTree } from '../prefix-tree.ts'
import type { Connection } from './connection.ts'

/** Limit for subscriptions that a publisher has not read, in bytes. It is told the rest once it has read these. */
const MAX_WAITING = 64 * 1024

/** Stands in the log where a subscription was that has been taken back. */
const TAKEN_BACK = -1
/** The log is never made shorter for fewer entries. */
const LEAST_LOG = 16

/** How far a publisher has been told. */
interface Reader {
  /** The index in the log of the first subscription that it has not been told of. */
  next: number
  /** Prefixes whose cancellation it has not been told of yet. */
  readonly cancelled: Buffer[]
}

/**
 * The subscriptions, and how many of them each publisher has been told. A publisher that does not read is told later, and only
 * the difference: it never hears of a subscription that came and went meanwhile.
 */
export class SubscriptionFeed {
  /** The index in the log of each prefix. */
  readonly #indexes = new PrefixTree<number>()
  /** Subscriptions in the order that they were made. */
  #log: Place[] = []
  readonly #readers = new Map<Connection, Reader>()
  readonly #maxCancelled: number
  /** Cancellations that wait, for all publishers together. */
  #cancelled = 0

  /** @param maxCancelled cancellations that may wait for all publishers together */
  constructor(maxCancelled: number) {
    this.#maxCancelled = maxCancelled
  }

  /** Adds a publisher, and tells it all subscriptions. */
  join(connection: Connection): void {
    this.#readers.set(connection, { next: 0, cancelled: [] })
    this.tell(connection)
  }

  leave(connection: Connection): void {
    this.#cancelled -= this.#readers.get(connection)?.cancelled.length ?? 0
    this.#readers.delete(connection)
  }

  change({ prefix, subscribe }: SubscriptionChange): void {
    const known = this.#indexes.find(prefix)
    if (subscribe === (known !== undefined)) return
    if (known === undefined) this.#log.push(this.#indexes.set(prefix, this.#log.length))
    else this.#remove(known)
    for (const connection of this.#readers.keys()) this.tell(connection)
  }

  /** Tells a publisher the changes that it does not know yet, as far as it reads. */
  tell(connection: Connection): void {
    const reader = this.#readers.get(connection)
    if (reader === undefined) return
    const { writer } = connection
    // Before any subscription: the same prefix may have been asked for again.
    while (reader.cancelled.length > 0) {
      if (writer.bytes > MAX_WAITING) return
      const [prefix] = reader.cancelled.splice(-1)
      this.#cancelled -= 1
      if (prefix !== undefined) connection.subscribe({ prefix, subscribe: false })
    }
    for (; reader.next < this.#log.length && writer.bytes <= MAX_WAITING; reader.next += 1) {
      const place = this.#log[reader.next] as Place
      if (place === TAKEN_BACK) continue
      connection.subscribe({ prefix: this.#indexes.prefixAt(place), subscribe: true })
    }
  }

  #remove(place: Place): void {
    const index = this.#indexes.get(place) as number
    const prefix = this.#indexes.prefixAt(place)
    this.#indexes.remove(place)
    this.#log[index] = TAKEN_BACK
    for (const reader of this.#readers.values()) {
      if (reader.next <= index) continue
      reader.cancelled.push(prefix)
      this.#cancelled += 1
    }
    if (this.#cancelled > this.#maxCancelled) this.#cutOffLargest()
    if (this.#log.length > LEAST_LOG && this.#log.length > 2 * this.#indexes.size) this.#compact()
  }

  /** Takes out of the log what has been taken back. */
  #compact(): void {
    const moved = new Uint32Array(this.#log.length + 1)
    for (const [index, place] of this.#log.entries())
      moved[index + 1] = (moved[index] as number) + (place === TAKEN_BACK ? 0 : 1)
    for (const reader of this.#readers.values()) reader.next = moved[reader.next] as number
    this.#log = this.#log.filter(place => place !== TAKEN_BACK)
    for (const [index, place] of this.#log.entries()) this.#indexes.replace(place, index)
  }

  /** Cuts off the publisher with the most unread cancellations: one that reads nothing through so many changes is dead. */
  #cutOffLargest(): void {
    let largest: [Connection, Reader] | undefined
    for (const one of this.#readers)
      if (one[1].cancelled.length > (largest?.[1].cancelled.length ?? 0)) largest = one
    if (largest === undefined) return
    this.leave(largest[0])
    largest[0].fail('it does not read its subscriptions')
  }
}
