import type { PeerLink } from './carrier.ts'
import type { AccountKeeper, ForwardedTopic } from './forwarded-topic.ts'

/** Most topics with an account at a time. A receiver has 4,096 at most. */
const MAX_TOPICS = 16_384
/** Most publishers in all accounts together. Losses of any further publisher on its way here stay unknown. */
const MAX_ENTRIES = 65_536
/** Share of either limit above which accounts whose publishers have all left make room. */
const SHORT = 1 / 2

/** The accounts of a proxy's followed topics: their number of publishers, and the accounts of each publisher. */
export class ProxyAccounts implements AccountKeeper {
  readonly #topics = new Set<ForwardedTopic>()
  readonly #byLink = new Map<PeerLink, Set<ForwardedTopic>>()
  readonly #onBegin: (topic: ForwardedTopic) => void
  readonly #onEnd: (topic: ForwardedTopic) => void
  /** Publishers in the accounts, departed ones included. {@link recount} deducts forgotten ones. */
  #entries = 0

  /** @param on called as a topic's account begins and after it has ended: a topic with an account must be kept */
  constructor(on: { begin: (topic: ForwardedTopic) => void; end: (topic: ForwardedTopic) => void }) {
    this.#onBegin = on.begin
    this.#onEnd = on.end
  }

  /** Topics that have an account. */
  get topics(): Iterable<ForwardedTopic> {
    return this.#topics
  }

  /** Whether there is room for another account. */
  get hasRoom(): boolean {
    return this.#topics.size < MAX_TOPICS && this.#entries < MAX_ENTRIES
  }

  begin(topic: ForwardedTopic): boolean {
    if (!this.hasRoom) return false
    this.#topics.add(topic)
    this.#onBegin(topic)
    return true
  }

  add(topic: ForwardedTopic, link: PeerLink): boolean {
    if (this.#entries >= MAX_ENTRIES) return false
    this.#entries += 1
    const topics = this.#byLink.get(link)
    if (topics === undefined) this.#byLink.set(link, new Set([topic]))
    else topics.add(topic)
    return true
  }

  end(topic: ForwardedTopic, links: Iterable<PeerLink>): void {
    this.#topics.delete(topic)
    for (const link of links) this.#byLink.get(link)?.delete(topic)
    this.#onEnd(topic)
  }

  /** Takes note that a publisher's connection has ended. @returns the topics whose accounts have that connection */
  leave(link: PeerLink): Iterable<ForwardedTopic> {
    const topics = this.#byLink.get(link) ?? []
    this.#byLink.delete(link)
    return topics
  }

  /** Counts the accounts' publishers again. If room is short, ends the accounts whose publishers have all left. */
  recount(): void {
    if (this.#entries > SHORT * MAX_ENTRIES || this.#topics.size > SHORT * MAX_TOPICS)
      for (const topic of this.#topics) topic.giveUpIfAbandoned()
    this.#entries = 0
    for (const { accountSize } of this.#topics) this.#entries += accountSize
  }
}
