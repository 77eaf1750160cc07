import { isUtf8 } from 'node:buffer'
import { isTopicLength } from './limits.ts'

/** Topics that are kept for the next message that has the same, beside those that are pinned. */
const KEPT_TOPICS = 8192

/** A topic that is kept: one of a list, the most recently used first, unless it is pinned. */
interface Entry<T> {
  readonly key: string
  readonly bytes: Buffer
  readonly value: T
  isPinned: boolean
  newer: Entry<T> | undefined
  older: Entry<T> | undefined
}

/**
 * A receiver's entry for each topic, found by the topic's bytes: checking and reading UTF-8 is not for every
 * message. `make` is called for a topic that is new, with undefined where its bytes are not UTF-8, or too many.
 *
 * Of more topics than are kept, the least recently used is forgotten. One that is pinned stays, however many others come.
 */
export class TopicTable<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #make: (topic: string | undefined, bytes: Buffer) => T
  /** The entry found last: most messages have the topic of the one before. */
  #last: Entry<T> | undefined
  #newest: Entry<T> | undefined
  #oldest: Entry<T> | undefined
  #pinned = 0

  constructor(make: (topic: string | undefined, bytes: Buffer) => T) {
    this.#make = make
  }

  /** The value of a topic, made if there is none. */
  find(bytes: Buffer): T {
    if (this.#last !== undefined && equal(bytes, this.#last.bytes)) return this.#last.value
    // A topic that is too long is neither kept nor a key.
    if (!isTopicLength(bytes)) return this.#make(undefined, bytes)
    const entry = this.#lookUp(bytes) ?? this.#add(this.#entryOf(bytes))
    this.#last = entry
    return entry.value
  }

  /** The value of a topic that is kept already, or else is worth to be kept: only then does another one make room for it. */
  findIf(bytes: Buffer, isWorthIt: (value: T) => boolean): T | undefined {
    if (!isTopicLength(bytes)) return undefined
    const entry = this.#lookUp(bytes)
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

  /** Lets go of a topic that was pinned: now it is the most recently used. */
  release(bytes: Buffer): void {
    const entry = this.#entries.get(bytes.toString('latin1'))
    if (entry?.isPinned !== true) return
    entry.isPinned = false
    this.#pinned -= 1
    this.#link(entry)
    this.#forgetOldest()
  }

  /** Topics that are kept, those that are pinned included. */
  get size(): number {
    return this.#entries.size
  }

  #lookUp(bytes: Buffer): Entry<T> | undefined {
    const entry = this.#entries.get(bytes.toString('latin1'))
    if (entry !== undefined && !entry.isPinned && entry !== this.#newest) {
      this.#unlink(entry)
      this.#link(entry)
    }
    return entry
  }

  #entryOf(bytes: Buffer): Entry<T> {
    // Not out of the pool: a few bytes that stay would hold 8 KiB of it.
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

/** A loop is faster for a few bytes than a call out of JavaScript. */
function equal(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
