import { isUtf8 } from 'node:buffer'

/** Topics whose text is kept for the next message that has the same; beyond it, all are forgotten and learnt again. */
const KEPT_TOPICS = 4096

/**
 * What a receiver keeps for each topic, found by the topic's bytes: checking and reading UTF-8 is not for every
 * message. `make` is called for a topic that is new, with undefined where its bytes are not UTF-8.
 */
export class TopicTable<T> {
  readonly #entries = new Map<string, T>()
  readonly #make: (topic: string | undefined, bytes: Buffer) => T

  constructor(make: (topic: string | undefined, bytes: Buffer) => T) {
    this.#make = make
  }

  find(bytes: Buffer): T {
    const key = bytes.toString('latin1')
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= KEPT_TOPICS) this.#entries.clear()
    const entry = this.#make(isUtf8(bytes) ? bytes.toString('utf8') : undefined, bytes)
    this.#entries.set(key, entry)
    return entry
  }
}
