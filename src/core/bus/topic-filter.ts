/** Which topics a receiver wants: exact names, and all that begin with a prefix. Neither is everything. */
export interface TopicSelection {
  readonly topics?: readonly string[]
  readonly prefixes?: readonly string[]
  /** Topics that it does not want though they are among these; without either, none. Default none. */
  readonly except?: { readonly topics: readonly string[]; readonly prefixes: readonly string[] } | undefined
}

/** Topics, and prefixes of topics, to ask for further, or no longer. */
export type TopicChange = Pick<TopicSelection, 'topics' | 'prefixes'>

/** Topics and prefixes that were taken back and are remembered one by one. Beyond that everything counts as taken back. */
const MAX_REMOVED = 4_096

/** The topics and prefixes that a receiver asks for now. The empty prefix asks for everything. */
export class TopicInterest {
  readonly #topics: Set<string>
  readonly #prefixes: Set<string>
  readonly #excepted: (topic: string) => boolean
  readonly #removedTopics = new Set<string>()
  readonly #removedPrefixes = new Set<string>()

  constructor({ topics = [], prefixes = [], except }: TopicSelection) {
    this.#topics = new Set(topics)
    this.#prefixes = new Set(topics.length + prefixes.length === 0 ? [''] : prefixes)
    const excepted = { topics: new Set(except?.topics), prefixes: new Set(except?.prefixes) }
    this.#excepted = topic => isAmong(topic, excepted.topics, excepted.prefixes)
  }

  /** Whether it wants a topic: ZeroMQ delivers `telemetry` to whoever asked for `tele`. */
  wants(topic: string): boolean {
    return isAmong(topic, this.#topics, this.#prefixes) && !this.#excepted(topic)
  }

  /** Whether there was a time when it did not want a topic any more, as far as that is known. */
  hasRemoved(topic: string): boolean {
    return isAmong(topic, this.#removedTopics, this.#removedPrefixes)
  }

  /** The prefixes to subscribe by: a ZeroMQ subscription is a prefix of bytes, so an exact topic is asked for as one too. */
  get subscriptions(): ReadonlySet<string> {
    return new Set([...this.#topics, ...this.#prefixes])
  }

  add({ topics = [], prefixes = [] }: TopicChange): void {
    for (const topic of topics) this.#topics.add(topic)
    for (const prefix of prefixes) this.#prefixes.add(prefix)
  }

  remove({ topics = [], prefixes = [] }: TopicChange): void {
    const goneTopics = topics.filter(topic => this.#topics.delete(topic))
    const gonePrefixes = prefixes.filter(prefix => this.#prefixes.delete(prefix))
    // Not those that another prefix asks for still.
    for (const topic of goneTopics)
      if (!isAmong(topic, this.#topics, this.#prefixes)) this.#removedTopics.add(topic)
    for (const prefix of gonePrefixes)
      if (!isAmong(prefix, NONE, this.#prefixes)) this.#removedPrefixes.add(prefix)
    if (this.#removedTopics.size + this.#removedPrefixes.size <= MAX_REMOVED) return
    this.#removedTopics.clear()
    this.#removedPrefixes.clear()
    this.#removedPrefixes.add('')
  }
}

const NONE: ReadonlySet<string> = new Set()

function isAmong(topic: string, topics: ReadonlySet<string>, prefixes: ReadonlySet<string>): boolean {
  if (topics.has(topic)) return true
  for (const prefix of prefixes) if (topic.startsWith(prefix)) return true
  return false
}
