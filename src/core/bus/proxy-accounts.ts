import type { PeerLink } from './carrier.ts'
import type { AccountKeeper, ForwardedTopic } from './forwarded-topic.ts'
import type { Limits } from './limits.ts'

/** Topics without messages, and without room for an account, whose followers are told so between two recounts. */
const TOLD = 16
/** Share of either limit above which accounts whose publishers have all left make room. */
const SHORT = 1 / 2

/** The accounts of a proxy's followed topics: their number of publishers, and the accounts of each publisher. */
export class ProxyAccounts implements AccountKeeper {
  readonly #topics = new Set<ForwardedTopic>()
  readonly #byLink = new Map<PeerLink, Set<ForwardedTopic>>()
  readonly #onBegin: (topic: ForwardedTopic) => void
  readonly isControlled: (link: PeerLink) => boolean
  readonly #onEnd: (topic: ForwardedTopic) => void
  /** Topics with an account. */
  readonly #topicLimit: Limits['accounts']
  /** Publishers in the accounts, departed ones included. {@link recount} deducts forgotten ones. */
  readonly #publisherLimit: Limits['accounted-publishers']
  /** Topics and publishers that were refused, each of which counts once. */
  readonly #refused = new WeakSet<object>()
  /** Topics whose followers were told since the last recount that there is no room. */
  #told = 0

  /**
   * @param on called as a topic's account begins and after it has ended: a topic with an account must be kept
   * @param isControlled tells whether a publisher has flow control
   */
  constructor(
    limits: Limits,
    on: { begin: (topic: ForwardedTopic) => void; end: (topic: ForwardedTopic) => void },
    isControlled: (link: PeerLink) => boolean,
  ) {
    this.isControlled = isControlled
    this.#topicLimit = limits.accounts
    this.#publisherLimit = limits['accounted-publishers']
    this.#onBegin = on.begin
    this.#onEnd = on.end
  }

  /** Topics that have an account. */
  get topics(): Iterable<ForwardedTopic> {
    return this.#topics
  }

  /** Whether there is room for another account. */
  get hasRoom(): boolean {
    return !this.#topicLimit.isFullFor(1) && !this.#publisherLimit.isFullFor(1)
  }

  /** Takes note that a topic has no room. @returns whether its followers should be told, though it has no message */
  refuse(topic: ForwardedTopic): boolean {
    this.#exceed(this.#publisherLimit.isFullFor(1) ? this.#publisherLimit : this.#topicLimit, topic)
    this.#told += 1
    return this.#told <= TOLD
  }

  begin(topic: ForwardedTopic): boolean {
    if (!this.hasRoom) {
      this.refuse(topic)
      return false
    }
    this.#topics.add(topic)
    this.#topicLimit.add(1)
    this.#onBegin(topic)
    return true
  }

  add(topic: ForwardedTopic, link: PeerLink): boolean {
    if (this.#publisherLimit.isFullFor(1)) {
      this.#exceed(this.#publisherLimit, link)
      return false
    }
    this.#publisherLimit.add(1)
    const topics = this.#byLink.get(link)
    if (topics === undefined) this.#byLink.set(link, new Set([topic]))
    else topics.add(topic)
    return true
  }

  end(topic: ForwardedTopic, links: Iterable<PeerLink>): void {
    if (this.#topics.delete(topic)) this.#topicLimit.remove(1)
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
    this.#told = 0
    if ([this.#publisherLimit, this.#topicLimit].some(({ now, value }) => now > SHORT * value))
      for (const topic of this.#topics) topic.giveUpIfAbandoned()
    let publishers = 0
    for (const { accountSize } of this.#topics) publishers += accountSize
    this.#publisherLimit.add(publishers - this.#publisherLimit.now)
  }

  #exceed(limit: Limits['accounts'], refused: object): void {
    if (this.#refused.has(refused)) return
    this.#refused.add(refused)
    limit.exceed()
  }
}
