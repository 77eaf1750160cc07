import { XPublisher } from 'zeromq'
import { BoundedQueue, PUBLISH_QUEUE, type QueueLimits } from '../bounded-queue.ts'
import { Condition, type WaitOptions } from '../condition.ts'
import { parseBusUrl } from '../endpoint.ts'
import { count, type Ledger, type LossCause, type Tally } from '../ledger.ts'
import {
  ANNOUNCEMENT_INTERVAL,
  ANNOUNCEMENT_PREFIX,
  encodeAnnouncement,
  newPublisherId,
} from './announcement.ts'
import { Link, type LinkEvent } from './link.ts'
import { COMMON_OPTIONS, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'
import { Subscriptions } from './subscriptions.ts'

/** Messages in ZeroMQ's own pipe to the proxy. Few, as the queue in front of it is bounded by bytes as well. */
const PIPE_MESSAGES = 1_000

/** How long after a connection subscriptions may take to arrive before a topic counts as unheard, in ms. */
const SETTLE_MS = 100
/** The same where the proxy was away: its subscribers have to find it again too, at up to a second's interval. */
const RETURN_MS = 2_500
/** How long a topic that nobody asks for any more is held back: perhaps it is the connection that broke. */
const UNSUBSCRIBED_MS = 50
/** How soon a full pipe is tried again, in ms. */
const RETRY_MS = 1
/** Queued messages that go out in one turn of the event loop, so that all else has its turn too. */
const MESSAGES_PER_TURN = 256

/** How often a topic's count is announced when its messages are few, in ms. */
const ANNOUNCE_MS = 500
/** Every so many times that is done even where nothing is new: the last announcement may itself have been lost. */
const REPEAT_EVERY = 4

/** A topic as its publisher keeps it: encoded once, with its account. */
export interface PublishedTopic {
  readonly name: string
  readonly bytes: Buffer
  readonly latin1: string
  readonly tally: Tally
  /** Whether somebody has asked for it. */
  heard: boolean
  /** The version of the subscriptions that `heard` and `accounted` were worked out from. */
  version: number
  /** The topic on which its count is announced. */
  readonly announcement: Buffer
  /** Whether somebody has asked for its announcements. */
  accounted: boolean
  /** Messages of it that have been handed to ZeroMQ, and how many of them have been announced; -1 for none said. */
  sent: number
  announced: number
  /** An announcement of it is in the queue or in flight. */
  announcing: boolean
}

/** A message, or without a frame the announcement of its topic's count, as of when it goes out. */
interface Pending {
  readonly topic: PublishedTopic
  readonly frame: Uint8Array | undefined
  readonly size: number
}

export interface PublisherOptions {
  /** The proxy's XSUB side. */
  readonly url: string
  readonly ledger: Ledger
  readonly queue?: QueueLimits | undefined
  readonly onLink?: (event: LinkEvent) => void
  readonly onLoss?: (cause: LossCause, reason: string) => void
}

/**
 * Puts messages on the bus, in order, and knows who listens.
 *
 * Its socket is an XPUB, which hears of every subscription through the proxy. So a message that nobody asked for is
 * counted (`unheard`) instead of vanishing; one that the pipe has no room for waits in a bounded queue (drop-oldest,
 * `overflow`), as does all that is published while the proxy is away.
 *
 * It also says how many messages of a topic it has sent, to receivers that ask (see announcement.ts), so that they can
 * tell what the bus has lost.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #ledger: Ledger
  readonly #socket: XPublisher
  readonly #queue: BoundedQueue<Pending>
  readonly #subscriptions = new Subscriptions()
  readonly #condition = new Condition()
  readonly #topics = new Map<string, PublishedTopic>()
  readonly #parts: [Buffer, Uint8Array] = [Buffer.alloc(0), Buffer.alloc(0)]
  readonly #id = newPublisherId()
  #link: Link | undefined
  /** The one message whose fate ZeroMQ has not told yet: keeping it at one is what keeps the order. */
  #inFlight: Pending | undefined
  /** Nothing queued, nothing in flight, and the subscriptions are known: a message can go straight out. */
  #idle = false
  /** Whether a topic without a subscription is unheard, rather than not heard of yet. */
  #settled = false
  #settleTimer: NodeJS.Timeout | undefined
  /** Set while the queue waits for its next turn: for room in the pipe, or for the event loop. */
  #pausing = false
  #sentThisTurn = 0
  #announceTimer: NodeJS.Timeout | undefined
  #announceTurn = 0
  #proxyWasAway = false
  #wantedBefore: ReadonlySet<string> = new Set()
  #closed = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#queue = new BoundedQueue(options.queue ?? PUBLISH_QUEUE, item => this.#overflow(item))
    this.#socket = new XPublisher({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      sendHighWaterMark: PIPE_MESSAGES,
      noDrop: true,
      sendTimeout: 0,
      // No pipe before there is a peer: nothing is buffered where it can't be counted.
      immediate: true,
    })
  }

  /** Starts to connect, and returns: the proxy need not be there yet. */
  async open(): Promise<void> {
    const url = parseBusUrl(this.#options.url, 'connect')
    if (await needsIPv6(url)) this.#socket.ipv6 = true
    if (this.#closed) return
    this.#link = new Link(this.#socket, url, event => this.#onLink(event))
    this.#socket.connect(url)
    void this.#followSubscriptions()
    this.#announceTimer = setInterval(() => this.#announceAll(), ANNOUNCE_MS).unref()
  }

  get connected(): boolean {
    return this.#link?.connected ?? false
  }

  /** Looks up a topic to publish to; keep it, as this is not for every message. */
  topic(name: string): PublishedTopic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      const bytes = Buffer.from(name)
      topic = {
        name,
        bytes,
        latin1: bytes.toString('latin1'),
        tally: this.#ledger.topic(name),
        heard: false,
        version: -1,
        announcement: Buffer.from(ANNOUNCEMENT_PREFIX + name),
        accounted: false,
        sent: 0,
        announced: -1,
        announcing: false,
      }
      if (this.#topics.size < 4096) this.#topics.set(name, topic)
    }
    return topic
  }

  /**
   * Publishes one message, or queues it. Never waits and never throws: the ledger tells what became of it.
   * @param size the bytes of the payload, for the account
   * @returns false when the queue is half full: whoever can wait does, with {@link untilWritable}
   */
  send(topic: PublishedTopic, frame: Uint8Array, size: number): boolean {
    if (this.#idle) {
      if (!this.#hears(topic)) {
        this.#ledger.unheard += 1
        return true
      }
      if (!this.#mustAnnounce(topic)) {
        this.#attempt({ topic, frame, size })
        return true
      }
    }
    this.#queue.push({ topic, frame, size })
    this.#pump()
    return this.#queue.fill < 0.5
  }

  /** Whether somebody asked for this topic; with `exact`, a catch-all subscriber does not count. */
  hears(name: string, options?: { exact?: boolean }): boolean {
    return this.connected && this.#subscriptions.wants(this.topic(name).latin1, options)
  }

  /** Resolves once somebody has asked for this topic. */
  untilHeard(name: string, options: WaitOptions & { exact?: boolean } = {}): Promise<void> {
    return this.#condition.until(() => this.hears(name, options), options)
  }

  untilConnected(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.connected, options)
  }

  /** Resolves once the queue has room again. */
  untilWritable(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#queue.fill < 0.25, options)
  }

  /** Resolves once all that was published, and its last announcement, has been handed to ZeroMQ, or counted. */
  async flush(options?: WaitOptions): Promise<void> {
    await this.#untilEmpty(options)
    this.#announceAll()
    await this.#untilEmpty(options)
  }

  /**
   * Closes the socket. What is still queued is counted as undeliverable.
   * @param linger how long ZeroMQ may go on sending what it has been handed, in ms
   */
  close(linger = 0): void {
    if (this.#closed) return
    this.#closed = true
    this.#idle = false
    clearTimeout(this.#settleTimer)
    clearInterval(this.#announceTimer)
    const left = this.#queue.clear().filter(isMessage).length
    if (left > 0) {
      this.#ledger.lose('undeliverable', left)
      this.#options.onLoss?.('undeliverable', 'still queued for the proxy when this role was closed')
    }
    this.#socket.linger = linger
    this.#socket.close()
  }

  #untilEmpty(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#queue.length === 0 && this.#inFlight === undefined, options)
  }

  #hears(topic: PublishedTopic): boolean {
    if (topic.version !== this.#subscriptions.version) {
      topic.version = this.#subscriptions.version
      topic.heard = this.#subscriptions.wants(topic.latin1)
      // A catch-all subscriber has not asked for announcements, and must not be shown any.
      topic.accounted = this.#subscriptions.wants(topic.announcement.toString('latin1'), { exact: true })
      if (!topic.accounted) topic.announced = -1
    }
    return topic.heard
  }

  /** Whether a receiver that asked must be told where the count stands before the next message goes. */
  #mustAnnounce(topic: PublishedTopic): boolean {
    return topic.accounted && topic.announced < 0
  }

  #attempt(message: Pending): void {
    const { topic, frame } = message
    this.#idle = false
    this.#inFlight = message
    this.#parts[0] = frame === undefined ? topic.announcement : topic.bytes
    this.#parts[1] = frame ?? encodeAnnouncement(this.#id, topic.sent)
    this.#socket.send(this.#parts).then(this.#onSent, this.#onRejected)
  }

  readonly #onSent = (): void => {
    const message = this.#inFlight
    if (message === undefined) return
    this.#inFlight = undefined
    const { topic } = message
    if (message.frame === undefined) {
      topic.announced = topic.sent
      topic.announcing = false
    } else {
      topic.sent += 1
      count(this.#ledger.sent, message.size)
      count(topic.tally, message.size)
      if (topic.accounted && topic.sent - topic.announced >= ANNOUNCEMENT_INTERVAL) this.#announce(topic)
    }
    if (this.#queue.length === 0) {
      this.#idle = this.#settled && !this.#closed
      this.#condition.notify()
    } else if (++this.#sentThisTurn < MESSAGES_PER_TURN) {
      this.#pump()
    } else {
      this.#pausing = true
      setImmediate(this.#resume)
    }
  }

  /** Puts an announcement in front of the queue: it counts what has gone out, wherever it stands. */
  #announce(topic: PublishedTopic): void {
    if (topic.announcing) return
    topic.announcing = true
    this.#queue.unshift({ topic, frame: undefined, size: 0 })
  }

  /** Announces what is new, and from time to time what is not. */
  #announceAll(): void {
    if (!this.connected || this.#closed) return
    this.#announceTurn = (this.#announceTurn + 1) % REPEAT_EVERY
    for (const topic of this.#topics.values()) {
      this.#hears(topic)
      if (topic.accounted && (topic.sent !== topic.announced || this.#announceTurn === 0))
        this.#announce(topic)
    }
    this.#pump()
  }

  /** The pipe is full, and ZeroMQ has taken no part of the message: it is tried again, as nothing tells of room. */
  readonly #onRejected = (): void => {
    const message = this.#inFlight
    if (message === undefined) return
    this.#inFlight = undefined
    if (this.#closed) {
      if (isMessage(message)) this.#ledger.lose('undeliverable')
      return
    }
    this.#queue.unshift(message)
    this.#pausing = true
    setTimeout(this.#resume, RETRY_MS)
  }

  readonly #resume = (): void => {
    this.#pausing = false
    this.#sentThisTurn = 0
    this.#pump()
    this.#condition.notify()
  }

  /** Sends what is at the head of the queue, or says that it is unheard, or leaves it until more is known. */
  #pump(): void {
    if (this.#inFlight !== undefined || this.#pausing || !this.connected || this.#closed) return
    for (let head = this.#queue.peek(); head !== undefined; head = this.#queue.peek()) {
      if (this.#hears(head.topic) || !isMessage(head)) {
        if (isMessage(head) && this.#mustAnnounce(head.topic)) {
          this.#announce(head.topic)
          continue
        }
        this.#queue.shift()
        this.#attempt(head)
        if (this.#queue.fill < 0.25) this.#condition.notify()
        return
      }
      if (!this.#settled) return
      this.#queue.shift()
      this.#ledger.unheard += 1
    }
    this.#idle = this.#settled
    this.#condition.notify()
  }

  async #followSubscriptions(): Promise<void> {
    try {
      for (;;) {
        const [frame] = await this.#socket.receive()
        const change = frame === undefined ? undefined : this.#subscriptions.apply(frame)
        if (change === undefined) continue
        if (change.subscribe) {
          if (!this.#settled && this.#proxyWasAway && this.#subscriptions.includesAll(this.#wantedBefore)) {
            if (this.#wantedBefore.size > 0) this.#settle()
          }
        } else if (this.#settled) {
          this.#unsettle(UNSUBSCRIBED_MS)
        }
        // Subscriptions come in a bunch: all of those that are here are read before anything is sent.
        if (!this.#pausing) {
          this.#pausing = true
          setImmediate(this.#resume)
        }
      }
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }

  #onLink(event: LinkEvent): void {
    if (this.#closed) return
    if (event.type === 'connected') {
      this.#unsettle(this.#proxyWasAway ? RETURN_MS : SETTLE_MS)
      this.#pump()
    } else {
      if (event.type === 'lost') this.#wantedBefore = this.#subscriptions.snapshot()
      this.#proxyWasAway = true
      this.#unsettle()
    }
    this.#options.onLink?.(event)
    this.#condition.notify()
  }

  /** From here on, and for so many ms, a topic without a subscription is held back instead of counted as unheard. */
  #unsettle(forMs?: number): void {
    this.#settled = false
    this.#idle = false
    clearTimeout(this.#settleTimer)
    if (forMs !== undefined) this.#settleTimer = setTimeout(() => this.#settle(), forMs)
  }

  #settle(): void {
    clearTimeout(this.#settleTimer)
    if (!this.connected) return
    this.#settled = true
    this.#proxyWasAway = false
    this.#pump()
  }

  #overflow(item: Pending): void {
    item.topic.announcing &&= isMessage(item)
    if (!isMessage(item)) return
    this.#ledger.lose('overflow')
    this.#options.onLoss?.('overflow', 'the queue to the proxy is full: the oldest messages go')
  }
}

function isMessage(pending: Pending): boolean {
  return pending.frame !== undefined
}
