import type { SubscriptionChange } from '../carrier.ts'
import { type Place, PrefixTree } from '../prefix-tree.ts'
import type { Connection } from './connection.ts'

/** Limit for subscriptions that a publisher has not read, in bytes. It is told the rest once it has read these. */
const MAX_WAITING = 64 * 1024

/** Stands in the log where a subscription was that has been taken back. */
const TAKEN_BACK = -1
/** The log is never made shorter for fewer entries. */
const LEAST_LOG = 16

/** A prefix that is not asked for any more. */
interface Cancellation {
  readonly prefix: Buffer
  /** The number of the subscription that it takes back. */
  readonly number: number
}

/** How far a publisher has been told. Cancellations come first, so no subscription is told while any of them waits. */
interface Reader {
  /** The index in the log of the first subscription that it has not been told of. */
  next: number
  /** It knows no subscription of this number, or a later one. */
  knowsUntil: number
  /** The index of the first cancellation that it has not been told of. */
  at: number
}

/**
 * The subscriptions, and how many of them each publisher has been told. A publisher that does not read is told later, and only
 * the difference: it never hears of a subscription that came and went meanwhile.
 *
 * Cancellations are kept once for all publishers, until each that knows the subscription has been told: when a subscriber with many
 * subscriptions leaves, it makes no difference how many publishers have no time to read in between.
 */
export class SubscriptionFeed {
  /** The index in the log of each prefix. */
  readonly #indexes = new PrefixTree<number>()
  /** Subscriptions in the order that they were made, and their numbers. */
  #log: Place[] = []
  #numbers: number[] = []
  #nextNumber = 0
  readonly #readers = new Map<Connection, Reader>()
  readonly #maxCancelled: number
  #cancelled: Cancellation[] = []
  /** How many cancellations were still needed when that was last found out. */
  #neededThen = 0
  /** Publishers for which a cancellation waits. */
  #behind = 0

  /** @param maxCancelled different cancellations that may wait for publishers */
  constructor(maxCancelled: number) {
    this.#maxCancelled = maxCancelled
  }

  /** Adds a publisher, and tells it all subscriptions. */
  join(connection: Connection): void {
    this.#readers.set(connection, { next: 0, knowsUntil: 0, at: this.#cancelled.length })
    this.tell(connection)
  }

  leave(connection: Connection): void {
    const reader = this.#readers.get(connection)
    if (reader === undefined) return
    this.#readers.delete(connection)
    if (reader.at < this.#cancelled.length) this.#caughtUp()
  }

  change({ prefix, subscribe }: SubscriptionChange): void {
    const known = this.#indexes.find(prefix)
    if (subscribe === (known !== undefined)) return
    if (known === undefined) this.#add(prefix)
    else this.#remove(known)
    for (const connection of this.#readers.keys()) this.tell(connection)
  }

  /** Tells a publisher the changes that it does not know yet, as far as it reads. */
  tell(connection: Connection): void {
    const reader = this.#readers.get(connection)
    if (reader === undefined || !this.#tellCancelled(connection, reader)) return
    const { writer } = connection
    for (; reader.next < this.#log.length && writer.bytes <= MAX_WAITING; reader.next += 1) {
      const place = this.#log[reader.next] as Place
      if (place === TAKEN_BACK) continue
      connection.subscribe({ prefix: this.#indexes.prefixAt(place), subscribe: true })
      reader.knowsUntil = (this.#numbers[reader.next] as number) + 1
    }
  }

  /** Before any subscription: the same prefix may have been asked for again. @returns whether it has been told all of them */
  #tellCancelled(connection: Connection, reader: Reader): boolean {
    if (reader.at === this.#cancelled.length) return true
    for (; reader.at < this.#cancelled.length; reader.at += 1) {
      const { prefix, number } = this.#cancelled[reader.at] as Cancellation
      if (number >= reader.knowsUntil) continue
      if (connection.writer.bytes > MAX_WAITING) return false
      connection.subscribe({ prefix, subscribe: false })
    }
    this.#caughtUp()
    return true
  }

  /** No cancellation waits for one publisher any more; where none does for any, they are all forgotten. */
  #caughtUp(): void {
    this.#behind -= 1
    if (this.#behind > 0) return
    this.#cancelled = []
    this.#neededThen = 0
    for (const reader of this.#readers.values()) reader.at = 0
  }

  #add(prefix: Uint8Array): void {
    this.#log.push(this.#indexes.set(prefix, this.#log.length))
    this.#numbers.push(this.#nextNumber)
    this.#nextNumber += 1
  }

  #remove(place: Place): void {
    const index = this.#indexes.get(place) as number
    const number = this.#numbers[index] as number
    const prefix = this.#indexes.prefixAt(place)
    this.#indexes.remove(place)
    this.#log[index] = TAKEN_BACK
    if (this.#isKnown(number)) {
      this.#cancelled.push({ prefix, number })
      this.#behind = this.#readers.size
      if (this.#cancelled.length > 2 * this.#neededThen + LEAST_LOG) this.#forgetCancelled()
    }
    if (this.#log.length > LEAST_LOG && this.#log.length > 2 * this.#indexes.size) this.#compact()
  }

  /** Whether any publisher has been told of a subscription. */
  #isKnown(number: number): boolean {
    for (const { knowsUntil } of this.#readers.values()) if (number < knowsUntil) return true
    return false
  }

  /** Takes out of the log what has been taken back. */
  #compact(): void {
    const moved = new Uint32Array(this.#log.length + 1)
    for (const [index, place] of this.#log.entries())
      moved[index + 1] = (moved[index] as number) + (place === TAKEN_BACK ? 0 : 1)
    for (const reader of this.#readers.values()) reader.next = moved[reader.next] as number
    this.#numbers = this.#numbers.filter((_number, index) => this.#log[index] !== TAKEN_BACK)
    this.#log = this.#log.filter(place => place !== TAKEN_BACK)
    for (const [index, place] of this.#log.entries()) this.#indexes.replace(place, index)
  }

  /** Forgets the cancellations that no publisher needs any more. While too many are needed, the one that is furthest behind goes. */
  #forgetCancelled(): void {
    const slowest = [...this.#readers].sort(([, a], [, b]) => a.at - b.at)
    for (;;) {
      this.#keepNeeded(slowest.map(([, reader]) => reader))
      const [last] = this.#neededThen > this.#maxCancelled ? slowest.splice(0, 1) : []
      if (last === undefined) return
      const [connection] = last
      this.leave(connection)
      connection.fail('it does not read its subscriptions')
    }
  }

  /** @param readers the slowest first */
  #keepNeeded(readers: readonly Reader[]): void {
    const needed: Cancellation[] = []
    // Readers that have not come further than to the present one, and the latest subscription that one of them knows.
    let passed = 0
    let knownUntil = 0
    for (const [index, cancellation] of this.#cancelled.entries()) {
      for (
        let reader = readers[passed];
        reader !== undefined && reader.at <= index;
        reader = readers[passed]
      ) {
        knownUntil = Math.max(knownUntil, reader.knowsUntil)
        reader.at = needed.length
        passed += 1
      }
      if (cancellation.number < knownUntil) needed.push(cancellation)
    }
    for (const reader of readers.slice(passed)) reader.at = needed.length
    this.#cancelled = needed
    this.#neededThen = needed.length
    this.#behind = readers.filter(reader => reader.at < needed.length).length
  }
}
