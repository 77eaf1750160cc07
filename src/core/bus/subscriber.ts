import { Subscriber as SubscriberSocket } from 'zeromq'
import { Condition, type WaitOptions } from '../condition.ts'
import { parseBusUrl } from '../endpoint.ts'
import { count, type Ledger, type LossCause, type Tally } from '../ledger.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX, decodeAnnouncement } from './announcement.ts'
import { Link, type LinkEvent } from './link.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'
import { TopicAccount } from './topic-account.ts'
import { subscriptionsOf, topicMatcher, type TopicSelection } from './topic-filter.ts'
import { TopicTable } from './topic-table.ts'

/** Called with every message that the selection wants. While a promise it returned is pending, nothing more is read. */
export type MessageHandler = (frame: Buffer, topic: string) => void | Promise<void>

export interface SubscriberOptions extends TopicSelection {
  /** The proxy's XPUB side. */
  readonly url: string
  readonly ledger: Ledger
  readonly onMessage: MessageHandler
  readonly onLink?: (event: LinkEvent) => void
  readonly onLoss?: (cause: LossCause, reason: string, messages?: number) => void
}

/** Topics whose messages are accounted for from end to end. */
const MAX_ACCOUNTS = 4096

interface KnownTopic {
  readonly name: string
  readonly wanted: boolean
  /** For a topic of announcements: the topic that they are about. */
  readonly about: string | undefined
  readonly account: TopicAccount | undefined
  /** Undefined until the first message that is wanted, so that the ledger lists no others. */
  tally: Tally | undefined
}

/**
 * Takes messages off the bus: subscribes by prefix, as ZeroMQ does, and keeps what was asked for. It asks publishers for
 * their counts too (see announcement.ts), and so knows what was lost on the way (`bus`).
 */
export class Subscriber {
  readonly #options: SubscriberOptions
  readonly #ledger: Ledger
  readonly #socket: SubscriberSocket
  readonly #topics: TopicTable<KnownTopic | null>
  readonly #accounts = new Map<string, TopicAccount>()
  readonly #wants: (topic: string) => boolean
  readonly #condition = new Condition()
  #link: Link | undefined
  #stopped = false
  #closed = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#wants = topicMatcher(options)
    this.#topics = new TopicTable(name => (name === undefined ? null : this.#know(name)))
    this.#ledger.addSection('accounting', () => Object.fromEntries(this.#accounts))
    this.#socket = new SubscriberSocket({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      receiveHighWaterMark: HIGH_WATER_MARK,
    })
  }

  /** Subscribes, starts to connect and to read, and returns: the proxy need not be there yet. */
  async open(): Promise<void> {
    const url = parseBusUrl(this.#options.url, 'connect')
    if (await needsIPv6(url)) this.#socket.ipv6 = true
    if (this.#closed) return
    this.#link = new Link(this.#socket, url, event => {
      if (this.#closed) return
      this.#options.onLink?.(event)
      this.#condition.notify()
    })
    const subscriptions = subscriptionsOf(this.#options)
    this.#socket.subscribe(...subscriptions, ...subscriptions.map(prefix => ANNOUNCEMENT_PREFIX + prefix))
    this.#socket.connect(url)
    this.#running = this.#read()
  }

  get connected(): boolean {
    return this.#link?.connected ?? false
  }

  untilConnected(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.connected, options)
  }

  /** Takes no further message, from this one on: what still arrives is as if it had not been asked for. */
  stop(): void {
    this.#stopped = true
  }

  /** Closes the socket, and reads no further message. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }

  /** Resolves when it has been closed and the last message's handler is done. */
  untilIdle({ signal }: WaitOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#running.then(resolve, reject)
    })
  }

  async #read(): Promise<void> {
    try {
      while (!this.#closed) {
        const frames = await this.#socket.receive()
        const result = this.#take(frames)
        if (result !== undefined) await result
      }
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }

  #take(frames: Buffer[]): void | Promise<void> {
    const [topicBytes, frame] = frames
    if (topicBytes === undefined || this.#stopped) return
    const topic = this.#topics.find(topicBytes)
    if (topic === null) return this.#refuse(topicBytes.length, 'a topic that is not UTF-8')
    if (!topic.wanted) {
      if (topic.about !== undefined && frame !== undefined) this.#account(topic.about, frame)
      return
    }
    if (frame === undefined || frames.length !== 2) {
      const frameCount = `${frames.length} frame${frames.length === 1 ? '' : 's'}`
      return this.#refuse(
        frame?.length ?? 0,
        `${frameCount} under topic '${topic.name}' where a message has 2`,
      )
    }
    const size = payloadSize(frame)
    count(this.#ledger.received, size)
    topic.tally ??= this.#ledger.topic(topic.name)
    count(topic.tally, size)
    if (topic.account !== undefined) topic.account.received += 1
    return this.#options.onMessage(frame, topic.name)
  }

  #know(name: string): KnownTopic {
    const about = name.startsWith(ANNOUNCEMENT_PREFIX) ? name.slice(ANNOUNCEMENT_PREFIX.length) : undefined
    const wanted = about === undefined && this.#wants(name)
    return { name, wanted, about, account: wanted ? this.#accountOf(name) : undefined, tally: undefined }
  }

  #accountOf(name: string): TopicAccount | undefined {
    let account = this.#accounts.get(name)
    if (account === undefined && this.#accounts.size < MAX_ACCOUNTS) {
      account = new TopicAccount()
      this.#accounts.set(name, account)
    }
    return account
  }

  #account(name: string, frame: Buffer): void {
    const announcement = this.#wants(name) ? decodeAnnouncement(frame) : undefined
    if (announcement === undefined) return
    const change = this.#accountOf(name)?.announce(announcement) ?? 0
    if (change === 0) return
    this.#ledger.lose('bus', change)
    if (change > 0) this.#options.onLoss?.('bus', `published to '${name}', and did not arrive here`, change)
  }

  #refuse(bytes: number, reason: string): void {
    count(this.#ledger.received, bytes)
    this.#ledger.lose('malformed')
    this.#options.onLoss?.('malformed', reason)
  }
}
