import { RESERVED_PREFIX } from '../announcement.ts'
import { isTopicLength, type Limit, type Limits } from '../limits.ts'

/** The prefixes that one subscriber asks for, within its own limits and those of all. */
export class SubscriberPrefixes {
  readonly #limits: Limits
  /** Prefixes of messages, and reserved ones, as Latin-1. */
  readonly #prefixes = new Set<string>()
  readonly #reserved = new Set<string>()
  #bytes = 0
  /** Grows with every reserved prefix that is asked for, or taken back: accounts have to be opened anew. */
  epoch = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** @returns the prefix, as Latin-1, where it is new; undefined where it is not, matches no topic, or is too much */
  add(prefix: Buffer): string | undefined {
    // No topic is as long, so it matches nothing.
    if (!isTopicLength(prefix)) return undefined
    const key = prefix.toString('latin1')
    // A second subscription to the same prefix by the same subscriber is none.
    const prefixes = this.#setOf(key)
    if (prefixes.has(key)) return undefined
    const reached = this.#limitReached(key.length)
    if (reached !== undefined) {
      reached.exceed()
      return undefined
    }
    prefixes.add(key)
    if (prefixes === this.#reserved) this.epoch += 1
    this.#count(1, key.length)
    return key
  }

  /** @returns the prefix, as Latin-1, where it was asked for */
  delete(prefix: Buffer): string | undefined {
    if (!isTopicLength(prefix)) return undefined
    const key = prefix.toString('latin1')
    const prefixes = this.#setOf(key)
    if (!prefixes.delete(key)) return undefined
    if (prefixes === this.#reserved) this.epoch += 1
    this.#count(-1, -key.length)
    return key
  }

  /** Forgets all. @returns what was asked for */
  clear(): string[] {
    const all = [...this.#prefixes, ...this.#reserved]
    this.#count(-all.length, -this.#bytes)
    this.#prefixes.clear()
    this.#reserved.clear()
    return all
  }

  /** Whether one of them asks for a topic. Both are bytes read as Latin-1. */
  want(topic: string): boolean {
    return beginsWithOneOf(this.#prefixes, topic)
  }

  /** Whether a reserved one asks for a reserved topic: one that asks for everything does not. */
  wantReserved(topic: string): boolean {
    return beginsWithOneOf(this.#reserved, topic)
  }

  #setOf(key: string): Set<string> {
    return key.startsWith(RESERVED_PREFIX) ? this.#reserved : this.#prefixes
  }

  #limitReached(bytes: number): Limit | undefined {
    const limits = this.#limits
    if (this.#prefixes.size + this.#reserved.size >= limits.subscriptions.value) return limits.subscriptions
    if (this.#bytes + bytes > limits.prefixes.value) return limits.prefixes
    return [limits['all-subscriptions'], limits['all-prefixes']].find((limit, i) =>
      limit.isFullFor(i === 0 ? 1 : bytes),
    )
  }

  #count(subscriptions: number, bytes: number): void {
    this.#bytes += bytes
    this.#limits['all-subscriptions'].add(subscriptions)
    this.#limits['all-prefixes'].add(bytes)
  }
}

function beginsWithOneOf(prefixes: ReadonlySet<string>, topic: string): boolean {
  for (const prefix of prefixes) if (topic.startsWith(prefix)) return true
  return false
}
