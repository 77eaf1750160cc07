import { encodeAnnouncement } from './announcement.ts'
import type { Demand, PublishedTopic } from './published-topic.ts'

/** Interval of announcements while messages are few, in ms. */
const ANNOUNCE_MS = 500
/** One round in so many repeats unchanged counts too: the last announcement may itself have been lost. */
const REPEAT_EVERY = 4

export interface AnnouncementsOptions {
  /** The publisher's id in its announcements. */
  readonly id: Buffer
  readonly demand: Demand
  /** Topics whose counts are announced. */
  readonly topics: () => Iterable<PublishedTopic>
  readonly isConnected: () => boolean
  /** Hands over an announcement. @returns false if the proxy is away, or there is no room */
  readonly send: (topic: Buffer, frame: Uint8Array) => boolean
}

/** Announces how many messages of each topic a publisher has sent; see announcement.ts. */
export class Announcements {
  readonly #options: AnnouncementsOptions
  #timer: NodeJS.Timeout | undefined
  #turn = 0
  /** Topics still to be announced in this round, for lack of room. */
  #waiting: PublishedTopic[] = []

  constructor(options: AnnouncementsOptions) {
    this.#options = options
  }

  /** Starts to announce every half second. */
  start(): void {
    this.#timer = setInterval(() => this.announceAll(), ANNOUNCE_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#waiting = []
  }

  /** Announces a topic's present count. @returns false if there is no room */
  announce(topic: PublishedTopic): boolean {
    const { id, send } = this.#options
    const said = send(topic.announcement, encodeAnnouncement(id, topic.sent))
    if (said) topic.hasBeenAnnounced()
    return said
  }

  /** Announces changed counts, and in some rounds all. Without room it stops; {@link announceRest} goes on. */
  announceAll(): void {
    if (!this.#options.isConnected()) return
    this.#turn = (this.#turn + 1) % REPEAT_EVERY
    this.#waiting = this.#due(this.#turn === 0)
    this.announceRest()
  }

  /** Announces the topics for which there was no room before. */
  announceRest(): void {
    for (let topic = this.#waiting.at(-1); topic !== undefined; topic = this.#waiting.at(-1)) {
      if (!this.announce(topic)) return
      this.#waiting.pop()
    }
  }

  /** Whether the count of some topic has changed since it was announced. */
  get haveNews(): boolean {
    return this.#due(false).length > 0
  }

  #due(repeat: boolean): PublishedTopic[] {
    const { topics, demand } = this.#options
    return [...topics()].filter(topic => topic.isWorthAnnouncing(demand, repeat))
  }
}
