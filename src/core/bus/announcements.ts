import { encodeAnnouncement } from './announcement.ts'
import type { Demand, PublishedTopic } from './published-topic.ts'

/** Interval at which a topic's count is announced when its messages are few, in ms. */
const ANNOUNCE_MS = 500
/** Every so many times that is done even where nothing is new: the last announcement may itself have been lost. */
const REPEAT_EVERY = 4

export interface AnnouncementsOptions {
  /** The publisher's name in them. */
  readonly id: Buffer
  readonly demand: Demand
  /** All topics that may have something to announce. */
  readonly topics: () => Iterable<PublishedTopic>
  readonly isConnected: () => boolean
  /** Hands one over. @returns false where the proxy is away, or there is no room */
  readonly send: (topic: Buffer, frame: Uint8Array) => boolean
}

/** Announces how many messages of each topic a publisher has sent; see announcement.ts. */
export class Announcements {
  readonly #options: AnnouncementsOptions
  #timer: NodeJS.Timeout | undefined
  #turn = 0
  /** Topics whose count is to be announced, and for which there was no room yet. */
  #waiting: PublishedTopic[] = []

  constructor(options: AnnouncementsOptions) {
    this.#options = options
  }

  /** Announces from time to time from now on. */
  start(): void {
    this.#timer = setInterval(() => this.announceAll(), ANNOUNCE_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#waiting = []
  }

  /** Announces the count of a topic as it stands. @returns false where there is no room */
  announce(topic: PublishedTopic): boolean {
    const { id, send } = this.#options
    const said = send(topic.announcement, encodeAnnouncement(id, topic.sent))
    if (said) topic.hasBeenAnnounced()
    return said
  }

  /** Announces what is new, and from time to time what is not. Where there is no room, {@link announceRest} goes on. */
  announceAll(): void {
    if (!this.#options.isConnected()) return
    this.#turn = (this.#turn + 1) % REPEAT_EVERY
    this.#waiting = this.#due(this.#turn === 0)
    this.announceRest()
  }

  /** Goes on, as there is room again. */
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
