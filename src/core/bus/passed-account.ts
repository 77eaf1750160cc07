import {
  type Announcement,
  ANNOUNCEMENT_INTERVAL,
  encodeStatement,
  MAX_NAMED_PUBLISHERS,
  newId,
  type Position,
} from './announcement.ts'

/** Identity of one publisher's connection to a proxy. */
export type PublisherLink = object

/** Departed publishers whose last positions are kept for their return. */
const MAX_GONE = 256
/** Time for which statements name a departed publisher, in ms: longer than a statement may take to get through. */
const NAMED_AFTER_LEAVING_MS = 10_000

/** Largest loss on one connection that is accepted: no network holds more messages. */
const MAX_MISSING = 2 ** 32
/** Time after which a departed publisher is forgotten, in ms. */
const FORGOTTEN_AFTER_MS = 600_000
/** Most publishers in a small statement; see {@link PassedAccount.isSmall}. */
const FEW_PUBLISHERS = 16
/** Value of `#stated` while there is news beyond the count of messages. */
const UNSTATED = -1

/** Count of the messages on one publisher's connection. */
interface Passed {
  /** Undefined until the publisher announces itself. */
  publisher: string | undefined
  /** The publisher's count when the account met it (`origin`), and when the account met this connection (`first`). */
  origin: number
  first: number
  /** Messages that this connection has brought since. */
  messages: number
  /** The publisher's messages that are known to be lost on the way here. */
  missing: number
}

interface Gone {
  readonly origin: number
  readonly now: number
  readonly missing: number
  readonly leftMs: number
}

/**
 * A proxy's account of one topic.
 *
 * The proxy knows each message's connection, and TCP loses nothing within a connection. Messages can be lost on this hop only
 * when a publisher loses its connection, and the publisher's next announcement tells how many. `due` counts the messages that
 * arrived: every subscriber of the topic should have had them. Losses are stated by publisher, so that a subscriber that was
 * not there yet does not take them for its own.
 */
export class PassedAccount {
  readonly #id = newId().toString('hex')
  readonly #links = new Map<PublisherLink, Passed>()
  /** Undefined until a publisher has left: with many topics, most accounts have no departed publisher. */
  #gone: Map<string, Gone> | undefined
  readonly #mayAdd: (link: PublisherLink) => boolean
  readonly #isControlled: (link: PublisherLink) => boolean
  /** A publisher that never announced has left, or there were too many publishers. */
  #wasSilent = false
  /** Messages may have come by a connection that is not kept, so publishers' positions are no longer certain. */
  #wasFull = false
  /** Time at which a publisher last left. */
  #leftMs = Number.NEGATIVE_INFINITY
  #due = 0
  /** `due` in the last statement. */
  #stated = UNSTATED
  /** Publishers named in the last statement. */
  #named = 0
  /** The connection of the last message, and its count. */
  #lastLink: PublisherLink | undefined
  #last: Passed | undefined

  /**
   * @param mayAdd asked for each new connection; if false, its messages are counted, but its publisher stays unknown
   * @param isControlled tells whether a connection has flow control
   */
  constructor(mayAdd: (link: PublisherLink) => boolean, isControlled: (link: PublisherLink) => boolean) {
    this.#mayAdd = mayAdd
    this.#isControlled = isControlled
  }

  /** Publishers that the account keeps, departed ones included. */
  get size(): number {
    return this.#links.size + (this.#gone?.size ?? 0)
  }

  /** Connections that the account keeps. */
  get links(): Iterable<PublisherLink> {
    return this.#links.keys()
  }

  /** Whether all publishers have left, and the subscribers can be expected to know of all messages. */
  isAbandoned(now: number = performance.now()): boolean {
    return this.#links.size === 0 && (this.#due === 0 || now - this.#leftMs > NAMED_AFTER_LEAVING_MS)
  }

  /** Forgets publishers that left long ago. */
  prune(now: number = performance.now()): void {
    for (const [publisher, { leftMs }] of this.#gone ?? [])
      if (now - leftMs > FORGOTTEN_AFTER_MS) this.#gone?.delete(publisher)
  }

  /** Whether the last statement does not count the newest messages. */
  get hasNews(): boolean {
    return this.#due !== this.#stated
  }

  /**
   * Whether a statement has to go before the next message: many messages are not stated yet, or a publisher has announced
   * itself, and subscribers need its position before its first message.
   */
  get isDue(): boolean {
    return this.#stated === UNSTATED || this.#due - this.#stated >= ANNOUNCEMENT_INTERVAL
  }

  /** Whether statements are small enough to send at any time; larger ones go out every half second only. */
  get isSmall(): boolean {
    return this.#named <= FEW_PUBLISHERS
  }

  /** Counts a message. */
  pass(link: PublisherLink): void {
    if (link !== this.#lastLink) {
      this.#lastLink = link
      this.#last = this.#passedBy(link)
    }
    if (this.#last !== undefined) this.#last.messages += 1
    this.#due += 1
  }

  /** Takes in a publisher's announcement. @returns number of messages that it shows to be lost on the way here */
  announce(link: PublisherLink, { publisher, sent }: Announcement): number {
    const passed = this.#passedBy(link)
    if (passed === undefined || passed.publisher !== undefined) return 0
    passed.publisher = publisher
    passed.first = Math.max(0, sent - passed.messages)
    passed.origin = passed.first
    this.#stated = UNSTATED
    const before = this.#gone?.get(publisher)
    if (before === undefined) return 0
    this.#gone?.delete(publisher)
    passed.missing = before.missing
    passed.origin = before.origin
    return this.#miss(passed, passed.first - before.now)
  }

  /** Takes note that a publisher's connection has ended. @returns number of messages that this shows to be lost on the way here */
  leave(link: PublisherLink, now: number = performance.now()): number {
    const passed = this.#links.get(link)
    if (passed === undefined) return 0
    this.#links.delete(link)
    this.#leftMs = now
    if (link === this.#lastLink) this.#lastLink = undefined
    const { publisher, origin, first, messages, missing } = passed
    if (publisher === undefined) {
      this.#wasSilent ||= messages > 0
      return 0
    }
    // The publisher may be back over another connection before the end of this one was noticed.
    const successor = this.#otherLinkOf(publisher)
    if (successor !== undefined) return this.#succeed(passed, successor)
    this.#gone ??= new Map()
    this.#gone.set(publisher, { origin, now: first + messages, missing, leftMs: now })
    const [oldest] = this.#gone.keys()
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#gone.delete(oldest)
    this.#stated = UNSTATED
    return 0
  }

  /** Encodes the present account for subscribers. @param opening whether it is the first in their streams */
  statement(opening: boolean, now: number = performance.now()): Buffer {
    if (!opening) this.#stated = this.#due
    // Where a publisher stands is not known any more once it may have sent by a connection that is not kept.
    const positions = this.#wasFull
      ? []
      : this.#positions(opening ? Number.NEGATIVE_INFINITY : now - NAMED_AFTER_LEAVING_MS)
    this.#named = positions.length
    return encodeStatement({
      account: this.#id,
      due: this.#due,
      opening,
      silent: this.#wasSilent || this.#hasSilent(),
      isControlled: this.#hasControlled(),
      positions,
    })
  }

  #otherLinkOf(publisher: string): Passed | undefined {
    for (const passed of this.#links.values()) if (passed.publisher === publisher) return passed
    return undefined
  }

  #passedBy(link: PublisherLink): Passed | undefined {
    let passed = this.#links.get(link)
    if (passed === undefined) {
      if (this.#links.size >= MAX_NAMED_PUBLISHERS - MAX_GONE || !this.#mayAdd(link)) {
        this.#wasSilent = true
        this.#wasFull = true
        return undefined
      }
      passed = { publisher: undefined, origin: 0, first: 0, messages: 0, missing: 0 }
      this.#links.set(link, passed)
    }
    return passed
  }

  #succeed({ origin, first, messages, missing }: Passed, successor: Passed): number {
    successor.origin = origin
    successor.missing += missing
    return this.#miss(successor, successor.first - (first + messages))
  }

  #miss(passed: Passed, messages: number): number {
    if (messages > MAX_MISSING) this.#wasSilent = true
    if (this.#wasFull || messages > MAX_MISSING || messages <= 0) return 0
    passed.missing += messages
    this.#stated = UNSTATED
    return messages
  }

  #hasControlled(): boolean {
    for (const link of this.#links.keys()) if (this.#isControlled(link)) return true
    return false
  }

  #hasSilent(): boolean {
    for (const { publisher, messages } of this.#links.values())
      if (publisher === undefined && messages > 0) return true
    return false
  }

  /** @param since publishers that left earlier are not named; on the monotonic clock, in ms */
  #positions(since: number): Position[] {
    const positions = new Map<string, Position>()
    for (const { publisher, origin, first, messages, missing } of this.#links.values()) {
      if (publisher === undefined) continue
      // An older connection that is still open may bring messages, so the gap between the two is not known to be lost.
      const older = positions.get(publisher)
      const position = older
        ? { ...older, now: older.now + messages }
        : { publisher, origin, now: first + messages, isConnected: true, missing }
      positions.set(publisher, position)
    }
    for (const [publisher, { leftMs, ...gone }] of this.#gone ?? [])
      if (leftMs > since) positions.set(publisher, { publisher, ...gone, isConnected: false })
    return [...positions.values()]
  }
}
