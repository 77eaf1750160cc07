import { RESERVED_PREFIX } from '../announcement.ts'
import { isTopicLength, type Limit, type Limits } from '../limits.ts'
import type { Place } from '../prefix-tree.ts'
import type { AskersByPrefix } from './askers-by-prefix.ts'

const RESERVED = Buffer.from(RESERVED_PREFIX)

/** The prefixes that one subscriber asks for, within its own limits and those of all. */
export class SubscriberPrefixes<A extends object> {
  readonly #askers: AskersByPrefix<A>
  readonly #limits: Limits
  readonly #places = new Set<Place>()
  #bytes = 0
  /** Grows with every reserved prefix that is asked for, or taken back: accounts have to be opened anew. */
  epoch = 0

  constructor(askers: AskersByPrefix<A>, limits: Limits) {
    this.#askers = askers
    this.#limits = limits
  }

  /**
   * Takes a prefix in, unless it matches no topic or is too much. A second subscription to the same prefix changes nothing.
   * @returns whether it is the first of all subscribers that asks for it
   */
  add(prefix: Buffer, asker: A): boolean {
    // No topic is as long, so it matches nothing.
    if (!isTopicLength(prefix)) return false
    const place = this.#askers.find(prefix)
    if (place !== undefined && this.#places.has(place)) return false
    const reached = this.#limitReached(prefix.length)
    if (reached !== undefined) {
      reached.exceed()
      return false
    }
    this.#places.add(this.#askers.add(prefix, asker))
    this.#count(1, prefix)
    return place === undefined
  }

  /** Takes a prefix back, if it was asked for. @returns whether it was the last of all subscribers that asked for it */
  delete(prefix: Buffer, asker: A): boolean {
    const place = isTopicLength(prefix) ? this.#askers.find(prefix) : undefined
    if (place === undefined || !this.#places.delete(place)) return false
    this.#count(-1, prefix)
    return this.#askers.remove(place, asker) !== undefined
  }

  /** Takes all back. @returns those that nobody else asks for */
  clear(asker: A): Buffer[] {
    this.#limits['all-subscriptions'].remove(this.#places.size)
    this.#limits['all-prefixes'].remove(this.#bytes)
    const last: Buffer[] = []
    for (const place of this.#places) {
      const prefix = this.#askers.remove(place, asker)
      if (prefix !== undefined) last.push(prefix)
    }
    this.#places.clear()
    this.#bytes = 0
    return last
  }

  #limitReached(bytes: number): Limit | undefined {
    const limits = this.#limits
    if (this.#places.size >= limits.subscriptions.value) return limits.subscriptions
    if (this.#bytes + bytes > limits.prefixes.value) return limits.prefixes
    if (limits['all-subscriptions'].isFullFor(1)) return limits['all-subscriptions']
    return limits['all-prefixes'].isFullFor(bytes) ? limits['all-prefixes'] : undefined
  }

  #count(subscriptions: 1 | -1, prefix: Buffer): void {
    const bytes = subscriptions * prefix.length
    this.#bytes += bytes
    this.#limits['all-subscriptions'].add(subscriptions)
    this.#limits['all-prefixes'].add(bytes)
    if (isReserved(prefix)) this.epoch += 1
  }
}

/** Whether it asks for reserved topics only. */
function isReserved(prefix: Buffer): boolean {
  return prefix.length >= RESERVED.length && RESERVED.equals(prefix.subarray(0, RESERVED.length))
}
