import {
  type Announcement,
  ANNOUNCEMENT_INTERVAL,
  encodeStatement,
  MAX_NAMED_PUBLISHERS,
  newId,
  type Position,
} from './announcement.ts'

/** Identifies the connection of one publisher to a proxy. */
export type PublisherLink = object

/** Publishers that have left, whose last positions are kept for when they return. */
const MAX_GONE = 256
/** Time for which a publisher that has left stands in statements, in ms: longer than one of them may take to get through. */
const NAMED_AFTER_LEAVING_MS = 10_000

/** The greatest loss on one lost connection that is believed: no network holds more messages. */
const MAX_MISSING = 2 ** 32
/** Time for which a publisher that has left is remembered, in ms. */
const FORGOTTEN_AFTER_MS = 600_000
/** Publishers that a statement may name at any time. */
const FEW_PUBLISHERS = 16
/** There is news beside the count of messages. */
const UNSTATED = -1

/** The messages of one publisher's connection. */
interface Passed {
  /** Undefined until it announces. */
  publisher: string | undefined
  /** Where its messages stood when this account met the publisher, and when it met this connection. */
  origin: number
  first: number
  /** Messages that have come over the connection since. */
  messages: number
  /** Messages of the publisher that are known to be lost on the way here. */
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
 * The proxy knows from whose connection each message came, and TCP loses nothing within a connection. So a publisher's
 * announcement tells it what was lost when that publisher had lost an earlier connection: the only place on this hop where
 * messages can be lost. `due` counts the messages that have come: every subscriber of the topic should have had them. Losses
 * are told by publisher, so that a subscriber that was not there yet does not take them for its own.
 */
export class PassedAccount {
  readonly #id = newId().toString('hex')
  readonly #links = new Map<PublisherLink, Passed>()
  /** Undefined until a publisher has left: most accounts of many topics have none. */
  #gone: Map<string, Gone> | undefined
  readonly #mayAdd: (link: PublisherLink) => boolean
  /** A publisher that never announced has left, or there were too many of them. */
  #wasSilent = false
  /** Messages may have come by a connection that is not kept, so it is not known any more where a publisher stood. */
  #wasFull = false
  /** When a publisher last left. */
  #leftMs = Number.NEGATIVE_INFINITY
  #due = 0
  /** How much was due by the last statement. */
  #stated = UNSTATED
  /** Publishers that the last statement named. */
  #named = 0
  /** The link that the last message came by, and its messages. */
  #lastLink: PublisherLink | undefined
  #last: Passed | undefined

  /** @param mayAdd asked for each connection that it meets; without a yes its messages are counted, and their publisher is not known */
  constructor(mayAdd: (link: PublisherLink) => boolean) {
    this.#mayAdd = mayAdd
  }

  /** Publishers that it keeps, those that have left included. */
  get size(): number {
    return this.#links.size + (this.#gone?.size ?? 0)
  }

  /** The connections that it keeps. */
  get links(): Iterable<PublisherLink> {
    return this.#links.keys()
  }

  /** Whether its publishers have all left, and its subscribers can be expected to know of all messages. */
  isAbandoned(now: number = performance.now()): boolean {
    return this.#links.size === 0 && (this.#due === 0 || now - this.#leftMs > NAMED_AFTER_LEAVING_MS)
  }

  /** Forgets publishers that have left long ago. */
  prune(now: number = performance.now()): void {
    for (const [publisher, { leftMs }] of this.#gone ?? [])
      if (now - leftMs > FORGOTTEN_AFTER_MS) this.#gone?.delete(publisher)
  }

  /** Whether its subscribers have not been told of the newest messages. */
  get hasNews(): boolean {
    return this.#due !== this.#stated
  }

  /**
   * Whether a statement has to go ahead of the next message: a publisher has announced itself, and its subscribers have to
   * know where its messages stood before they have one.
   */
  get isDue(): boolean {
    return this.#stated === UNSTATED || this.#due - this.#stated >= ANNOUNCEMENT_INTERVAL
  }

  /** Whether statements are small: with many publishers they are for every half second only. */
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

  /** Takes in what a publisher has announced. @returns messages that are known by it to be lost on the way here */
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

  /** A publisher's connection is over. @returns messages that are known by it to be lost on the way here */
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
    // It may be back already, over another connection, while this one was not known to be over.
    const successor = this.#otherLinkOf(publisher)
    if (successor !== undefined) return this.#succeed(passed, successor)
    this.#gone ??= new Map()
    this.#gone.set(publisher, { origin, now: first + messages, missing, leftMs: now })
    const [oldest] = this.#gone.keys()
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#gone.delete(oldest)
    this.#stated = UNSTATED
    return 0
  }

  /** How it stands now, for the subscribers. @param opening whether it is the first in their streams */
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

  #hasSilent(): boolean {
    for (const { publisher, messages } of this.#links.values())
      if (publisher === undefined && messages > 0) return true
    return false
  }

  /** @param since those that have left before are not named, in ms */
  #positions(since: number): Position[] {
    const positions = new Map<string, Position>()
    for (const { publisher, origin, first, messages, missing } of this.#links.values()) {
      if (publisher === undefined) continue
      // An older connection that is not over yet may still bring messages: what lies between the two is not known to be lost.
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
