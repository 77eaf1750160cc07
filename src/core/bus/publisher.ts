import { XPublisher } from 'zeromq'
import { BoundedQueue, PUBLISH_QUEUE, type QueueLimits } from '../bounded-queue.ts'
import { Condition, type WaitOptions } from '../condition.ts'
import { parseBusUrl } from '../endpoint.ts'
import { count, type Ledger, type LossCause } from '../ledger.ts'
import { encodeAnnouncement, newPublisherId } from './announcement.ts'
import { Link, type LinkEvent } from './link.ts'
import { PublishedTopic } from './published-topic.ts'
import { Settling } from './settling.ts'
import { COMMON_OPTIONS, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'
import { type ListenerOptions, Subscriptions } from './subscriptions.ts'

/** Messages in ZeroMQ's own pipe to the proxy. Few, as the queue in front of it is bounded by bytes as well. */
const PIPE_MESSAGES = 1_000

/** How soon a full pipe is tried again, in ms. */
const RETRY_MS = 1
/** Queued messages that go out in one turn of the event loop, so that all else has its turn too. */
const MESSAGES_PER_TURN = 256

/** How often a topic's count is announced when its messages are few, in ms. */
const ANNOUNCE_MS = 500
/** Every so many times that is done even where nothing is new: the last announcement may itself have been lost. */
const REPEAT_EVERY = 4

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
  /** Messages in ZeroMQ's own pipe to the proxy. Default 1,000. */
  readonly pipe?: number | undefined
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
  readonly #settling = new Settling(this.#subscriptions, () => this.#pump())
  readonly #condition = new Condition()
  readonly #topics = new Map<string, PublishedTopic>()
  readonly #parts: [Buffer, Uint8Array] = [Buffer.alloc(0), Buffer.alloc(0)]
  readonly #id = newPublisherId()
  #link: Link | undefined
  /** The one message whose fate ZeroMQ has not told yet: keeping it at one is what keeps the order. */
  #inFlight: Pending | undefined
  /** Nothing queued, nothing in flight, and the subscriptions are known: a message can go straight out. */
  #idle = false
  /** Set while the queue waits for its next turn: for room in the pipe, or for the event loop. */
  #pausing = false
  #sentThisTurn = 0
  #announceTimer: NodeJS.Timeout | undefined
  #announceTurn = 0
  #closed = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#queue = new BoundedQueue(options.queue ?? PUBLISH_QUEUE, item => this.#overflow(item))
    this.#socket = new XPublisher({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      sendHighWaterMark: options.pipe ?? PIPE_MESSAGES,
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
      topic = new PublishedTopic(name, this.#ledger.topic(name))
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
      if (!topic.isHeard(this.#subscriptions)) {
        this.#ledger.unheard += 1
        return true
      }
      if (!topic.isUnannounced(this.#subscriptions)) {
        this.#attempt({ topic, frame, size })
        return true
      }
    }
    if (this.#closed) {
      this.#ledger.lose('undeliverable')
      this.#options.onLoss?.('undeliverable', 'published after this role was closed')
      return false
    }
    this.#queue.push({ topic, frame, size })
    this.#pump()
    return this.#queue.fill < 0.5
  }

  /** The name that it has in its announcements. */
  get id(): string {
    return this.#id.toString('hex')
  }

  /** Whether somebody subscribed by exactly this prefix. */
  subscribed(prefix: string): boolean {
    return this.#subscriptions.has(Buffer.from(prefix).toString('latin1'))
  }

  /** Whether somebody asked for this topic; see {@link ListenerOptions} for who counts. */
  hears(name: string, options?: ListenerOptions): boolean {
    return this.connected && this.#subscriptions.wants(this.topic(name).latin1, options)
  }

  /** Resolves once somebody has asked for this topic. */
  untilHeard(name: string, options: WaitOptions & ListenerOptions = {}): Promise<void> {
    return this.#condition.until(() => this.hears(name, options), options)
  }

  /** Resolves once somebody has subscribed by exactly this prefix. */
  untilSubscribed(prefix: string, options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.subscribed(prefix), options)
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
    this.#settling.close()
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
      topic.hasBeenAnnounced()
    } else {
      topic.sent += 1
      count(this.#ledger.sent, message.size)
      count(topic.tally, message.size)
      if (topic.isDue) this.#announce(topic)
    }
    if (this.#queue.length === 0) {
      this.#idle = this.#settling.settled && !this.#closed
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
    const repeat = this.#announceTurn === 0
    for (const topic of this.#topics.values()) {
      if (topic.isWorthAnnouncing(this.#subscriptions, repeat)) this.#announce(topic)
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
      if (!isMessage(head) || head.topic.isHeard(this.#subscriptions)) {
        if (isMessage(head) && !head.topic.announcing && head.topic.isUnannounced(this.#subscriptions)) {
          this.#announce(head.topic)
          continue
        }
        this.#queue.shift()
        this.#attempt(head)
        if (this.#queue.fill < 0.25) this.#condition.notify()
        return
      }
      if (!this.#settling.settled) return
      this.#queue.shift()
      this.#ledger.unheard += 1
    }
    this.#idle = this.#settling.settled
    this.#condition.notify()
  }

  async #followSubscriptions(): Promise<void> {
    try {
      for (;;) {
        const [frame] = await this.#socket.receive()
        const change = frame === undefined ? undefined : this.#subscriptions.apply(frame)
        if (change === undefined) continue
        if (change.subscribe) this.#settling.subscribed()
        else this.#settling.unsubscribed()
        this.#idle &&= this.#settling.settled
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
    this.#idle = false
    if (event.type === 'connected') {
      this.#settling.connected()
      this.#pump()
    } else {
      this.#settling.away(event.type === 'lost')
    }
    this.#options.onLink?.(event)
    this.#condition.notify()
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
