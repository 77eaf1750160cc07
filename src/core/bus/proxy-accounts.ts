import type { PeerLink } from './carrier.ts'
import type { AccountKeeper, ForwardedTopic } from './forwarded-topic.ts'

/** Topics that are accounted for at a time. A receiver accounts for 4,096 at most. */
const MAX_TOPICS = 16_384
/** Publishers of all topics together that are accounted for: what a further one loses on its way is not known. */
const MAX_ENTRIES = 65_536
/** Where so much of either is in use, accounts whose publishers have all left make room. */
const SHORT = 1 / 2

/** The accounts of a proxy's topics that are followed: how many publishers they name together, and who stands in which. */
export class ProxyAccounts implements AccountKeeper {
  readonly #topics = new Set<ForwardedTopic>()
  readonly #byLink = new Map<PeerLink, Set<ForwardedTopic>>()
  readonly #onBegin: (topic: ForwardedTopic) => void
  readonly #onEnd: (topic: ForwardedTopic) => void
  /** Publishers that the accounts name, those that have left included; those that are forgotten are deducted by `recount`. */
  #entries = 0

  /** @param on called for a topic whose account begins or has ended: the one that is accounted for must not be forgotten */
  constructor(on: { begin: (topic: ForwardedTopic) => void; end: (topic: ForwardedTopic) => void }) {
    this.#onBegin = on.begin
    this.#onEnd = on.end
  }

  /** The topics that have an account. */
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

  /** A publisher's connection is over. @returns the topics whose accounts it stands in */
  leave(link: PeerLink): Iterable<ForwardedTopic> {
    const topics = this.#byLink.get(link) ?? []
    this.#byLink.delete(link)
    return topics
  }

  /** Counts again what the accounts name; where that is much, those whose publishers have all left end. */
  recount(): void {
    if (this.#entries > SHORT * MAX_ENTRIES || this.#topics.size > SHORT * MAX_TOPICS)
      for (const topic of this.#topics) topic.giveUpIfAbandoned()
    this.#entries = 0
    for (const { accountSize } of this.#topics) this.#entries += accountSize
  }
}
