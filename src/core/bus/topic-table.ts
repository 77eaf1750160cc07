import { isUtf8 } from 'node:buffer'
import { isTopicLength } from './limits.ts'

/** Most topics that are kept for their next message, besides pinned ones. */
const KEPT_TOPICS = 8192

/** A kept topic. Unless pinned, it is in a list, the most recently used first. */
interface Entry<T> {
  readonly key: string
  readonly bytes: Buffer
  readonly value: T
  isPinned: boolean
  newer: Entry<T> | undefined
  older: Entry<T> | undefined
}

/**
 * A receiver's values by topic, found by the topic's bytes: checking and decoding UTF-8 for every message would be slow. `make`
 * is called for a new topic, with undefined if its bytes are not UTF-8 or too many.
 *
 * A full table forgets the least recently used topic. A pinned topic stays.
 */
export class TopicTable<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #make: (topic: string | undefined, bytes: Buffer) => T
  /** Topic of the last call: most messages have the topic of the one before. */
  #last: Entry<T> | undefined
  #newest: Entry<T> | undefined
  #oldest: Entry<T> | undefined
  #pinned = 0

  constructor(make: (topic: string | undefined, bytes: Buffer) => T) {
    this.#make = make
  }

  /** The value of a topic, made if the table has none. The topic stands in `bytes`, from `start` to `end`. */
  find(bytes: Buffer, start = 0, end = bytes.length): T {
    if (this.#last !== undefined && equal(this.#last.bytes, bytes, start, end)) return this.#last.value
    // A topic that is too long is not kept, and never becomes a key.
    if (!isTopicLength(bytes, start, end)) return this.#make(undefined, bytes.subarray(start, end))
    const entry =
      this.#lookUp(bytes.toString('latin1', start, end)) ??
      this.#add(this.#entryOf(bytes.subarray(start, end)))
    this.#last = entry
    return entry.value
  }

  /** The value of a topic that is kept already, or is worth keeping: only then may it push out another. */
  findIf(bytes: Buffer, isWorthIt: (value: T) => boolean): T | undefined {
    if (!isTopicLength(bytes)) return undefined
    const entry = this.#lookUp(bytes.toString('latin1'))
    if (entry !== undefined) return entry.value
    const made = this.#entryOf(bytes)
    return isWorthIt(made.value) ? this.#add(made).value : undefined
  }

  /** Keeps a topic until it is released. */
  pin(bytes: Buffer): void {
    const entry = this.#entries.get(bytes.toString('latin1'))
    if (entry === undefined || entry.isPinned) return
    this.#unlink(entry)
    entry.isPinned = true
    this.#pinned += 1
  }

  /** Unpins a topic: now it is the most recently used. */
  release(bytes: Buffer): void {
    const entry = this.#entries.get(bytes.toString('latin1'))
    if (entry?.isPinned !== true) return
    entry.isPinned = false
    this.#pinned -= 1
    this.#link(entry)
    this.#forgetOldest()
  }

  /** Kept topics, pinned ones included. */
  get size(): number {
    return this.#entries.size
  }

  #lookUp(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined && !entry.isPinned && entry !== this.#newest) {
      this.#unlink(entry)
      this.#link(entry)
    }
    return entry
  }

  #entryOf(bytes: Buffer): Entry<T> {
    // Not from Node's pool, where a few bytes that stay would hold 8 KiB.
    const own = Buffer.allocUnsafeSlow(bytes.length)
    own.set(bytes)
    const value = this.#make(isUtf8(own) ? own.toString('utf8') : undefined, own)
    const key = own.toString('latin1')
    return { key, bytes: own, value, isPinned: false, newer: undefined, older: undefined }
  }

  #add(entry: Entry<T>): Entry<T> {
    this.#entries.set(entry.key, entry)
    this.#link(entry)
    this.#forgetOldest()
    return entry
  }

  #forgetOldest(): void {
    const oldest = this.#oldest
    if (oldest === undefined || this.#entries.size - this.#pinned <= KEPT_TOPICS) return
    this.#unlink(oldest)
    this.#entries.delete(oldest.key)
    if (oldest === this.#last) this.#last = undefined
  }

  #link(entry: Entry<T>): void {
    entry.older = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink(entry: Entry<T>): void {
    if (entry.newer === undefined) this.#newest = entry.older
    else entry.newer.older = entry.older
    if (entry.older === undefined) this.#oldest = entry.newer
    else entry.older.newer = entry.newer
    entry.newer = undefined
    entry.older = undefined
  }
}

/** For a few bytes a loop is faster than a call out of JavaScript. */
function equal(topic: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (topic.length !== end - start) return false
  for (let i = 0; i < topic.length; i++) if (topic[i] !== bytes[start + i]) return false
  return true
}
