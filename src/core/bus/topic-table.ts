import { isUtf8 } from 'node:buffer'
import { isTopicLength } from './limits.ts'

/** Topics that are kept for the next message that has the same. */
const KEPT_TOPICS = 8192

interface Entry<T> {
  readonly bytes: Buffer
  readonly value: T
}

/**
 * What a receiver keeps for each topic, found by the topic's bytes: checking and reading UTF-8 is not for every
 * message. `make` is called for a topic that is new, with undefined where its bytes are not UTF-8, or too many.
 *
 * Topics stand in two generations. When the young one is half of what is kept, it becomes the old one, and those of the old one
 * that were not asked for meanwhile are forgotten.
 */
export class TopicTable<T> {
  #young = new Map<string, Entry<T>>()
  #old = new Map<string, Entry<T>>()
  readonly #make: (topic: string | undefined, bytes: Buffer) => T
  /** What was asked for last: most messages have the topic of the one before. */
  #last: Entry<T> | undefined

  constructor(make: (topic: string | undefined, bytes: Buffer) => T) {
    this.#make = make
  }

  find(bytes: Buffer): T {
    if (this.#last !== undefined && equal(bytes, this.#last.bytes)) return this.#last.value
    // A topic that is too long is neither kept nor a key.
    if (!isTopicLength(bytes)) return this.#make(undefined, bytes)
    this.#last = this.#lookUp(bytes)
    return this.#last.value
  }

  /** All that is kept at the moment. */
  *values(): Iterable<T> {
    for (const { value } of this.#young.values()) yield value
    for (const [key, { value }] of this.#old) if (!this.#young.has(key)) yield value
  }

  #lookUp(bytes: Buffer): Entry<T> {
    const key = bytes.toString('latin1')
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const entry = this.#old.get(key) ?? this.#entryOf(bytes)
    if (this.#young.size >= KEPT_TOPICS / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, entry)
    return entry
  }

  #entryOf(bytes: Buffer): Entry<T> {
    const own = Buffer.from(bytes)
    return { bytes: own, value: this.#make(isUtf8(own) ? own.toString('utf8') : undefined, own) }
  }
}

/** A loop is faster for a few bytes than a call out of JavaScript. */
function equal(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
