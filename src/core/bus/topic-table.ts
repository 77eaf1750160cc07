import { isUtf8 } from 'node:buffer'
import { isTopicLength } from './limits.ts'

/** Topics whose text is kept for the next message that has the same; beyond it, all are forgotten and learnt again. */
const KEPT_TOPICS = 4096

interface Entry<T> {
  readonly bytes: Buffer
  readonly value: T
}

/**
 * What a receiver keeps for each topic, found by the topic's bytes: checking and reading UTF-8 is not for every
 * message. `make` is called for a topic that is new, with undefined where its bytes are not UTF-8, or too many.
 */
export class TopicTable<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #make: (topic: string | undefined, bytes: Buffer) => T
  /** What was asked for last: most messages have the topic of the one before. */
  #last: Entry<T> | undefined

  constructor(make: (topic: string | undefined, bytes: Buffer) => T) {
    this.#make = make
  }

  find(bytes: Buffer): T {
    if (this.#last !== undefined && equal(bytes, this.#last.bytes)) return this.#last.value
    // What is too long is neither kept nor a key.
    if (!isTopicLength(bytes)) return this.#make(undefined, bytes)
    this.#last = this.#lookUp(bytes)
    return this.#last.value
  }

  #lookUp(bytes: Buffer): Entry<T> {
    const key = bytes.toString('latin1')
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= KEPT_TOPICS) this.#entries.clear()
    const own = Buffer.from(bytes)
    const entry = { bytes: own, value: this.#make(isUtf8(own) ? own.toString('utf8') : undefined, own) }
    this.#entries.set(key, entry)
    return entry
  }
}

/** A loop is faster for a few bytes than a call out of JavaScript. */
function equal(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
