/** The topics that a receiver wants: exact names, and all that begin with a prefix. Without either: every topic. */
export interface TopicSelection {
  readonly topics?: readonly string[]
  readonly prefixes?: readonly string[]
  /** Topics and prefixes to leave out of these. Default: nothing. */
  readonly except?: { readonly topics: readonly string[]; readonly prefixes: readonly string[] } | undefined
}

/** Topics and prefixes to add to a selection, or to remove from it. */
export type TopicChange = Pick<TopicSelection, 'topics' | 'prefixes'>

/** Most removed topics and prefixes that are remembered one by one. Beyond that, every topic counts as removed. */
const MAX_REMOVED = 4_096

/** The topics and prefixes that a receiver wants now. The empty prefix stands for every topic. */
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

  /** Whether a topic is wanted. ZeroMQ also delivers `telemetry` to a subscriber of `tele`. */
  wants(topic: string): boolean {
    return isAmong(topic, this.#topics, this.#prefixes) && !this.#excepted(topic)
  }

  /** Whether a topic may have been removed at some time. */
  hasRemoved(topic: string): boolean {
    return isAmong(topic, this.#removedTopics, this.#removedPrefixes)
  }

  /** Prefixes to subscribe to. A ZeroMQ subscription is a prefix of bytes, so an exact topic is subscribed as one too. */
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
    // A topic that another prefix still covers is not removed.
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
