import type { TappedMessage } from './message.ts'
import type { CodecName } from '../wire/codec.ts'
import { Traffic } from './traffic.ts'

/** Topics that have a row of their own; what comes under further topics is summed under `(others)`. */
const MAX_TOPICS = 1024
const OTHERS = '(others)'

/** The figures of a topic. */
export interface TopicStatistics {
  readonly traffic: Traffic
  /** The codecs that its frames were in. */
  readonly codecs: Set<CodecName>
}

/** Traffic by topic. */
export class Statistics {
  readonly total = new Traffic()
  readonly #topics = new Map<string, TopicStatistics>()

  observe(message: TappedMessage): void {
    const { at, size } = message
    this.total.observe(at, size)
    const { traffic, codecs } = this.#topic(message.topic)
    traffic.observe(at, size)
    codecs.add(message.decoded.codec)
  }

  /** By topic, in the order of their names. */
  get topics(): [topic: string, statistics: TopicStatistics][] {
    return [...this.#topics].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #topic(name: string): TopicStatistics {
    let found = this.#topics.get(name)
    if (found === undefined) {
      if (this.#topics.size >= MAX_TOPICS && name !== OTHERS) return this.#topic(OTHERS)
      found = { traffic: new Traffic(), codecs: new Set() }
      this.#topics.set(name, found)
    }
    return found
  }
}
