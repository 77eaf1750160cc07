import { BoundedQueue } from '../bounded-queue.ts'
import { Condition, type WaitOptions } from '../condition.ts'
import { count, type Ledger, type LossCause } from '../ledger.ts'
import { newId, TOPIC_SEARCH } from './announcement.ts'
import { Announcements } from './announcements.ts'
import type { Bus } from './bus-options.ts'
import type { PublisherSocket, SubscriptionChange } from './carrier.ts'
import { FlowControl } from './flow-control.ts'
import type { LinkEvent } from './link.ts'
import { type Demand, PublishedTopic } from './published-topic.ts'
import { openPublisherSocket } from './sockets.ts'
import { SubscriptionSync } from './subscription-sync.ts'
import { type ListenerOptions, Subscriptions } from './subscriptions.ts'

/** A queued message. */
interface Pending {
  readonly topic: PublishedTopic
  readonly frame: Uint8Array
  readonly size: number
}

export interface PublisherOptions {
  readonly bus: Bus & { readonly xsub: string }
  readonly ledger: Ledger
  readonly onLink?: (event: LinkEvent) => void
  readonly onLoss?: (cause: LossCause, reason: string) => void
  /** Called for each message without a subscriber. `heardBefore`: its topic had a subscriber earlier. */
  readonly onUnheard?: (topic: string, heardBefore: boolean) => void
}

/**
 * Puts messages on the bus, in order, and knows the subscriptions.
 *
 * Its socket is an XPUB, which hears of every subscription through the proxy. So a message without a subscriber is counted
 * (`unheard`) instead of vanishing. Messages wait in a bounded queue (drop-oldest, `overflow`) while the proxy is away or the
 * way to it is full.
 *
 * It also announces how many messages of a topic it has sent, to receivers that ask (see announcement.ts), so that they know
 * how many the bus has lost.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #ledger: Ledger
  readonly #queue: BoundedQueue<Pending>
  readonly #subscriptions = new Subscriptions()
  readonly #sync = new SubscriptionSync(this.#subscriptions, () => this.#review())
  readonly #demand: Demand = { subscriptions: this.#subscriptions, sync: this.#sync }
  readonly #condition = new Condition()
  readonly #topics = new Map<string, PublishedTopic>()
  readonly #id = newId()
  readonly #announcements = new Announcements({
    id: this.#id,
    demand: this.#demand,
    topics: () => this.#topics.values(),
    isConnected: () => this.#connected,
    send: (topic, frame) => this.#hand(topic, frame),
  })
  /** Flow control of all messages that are published here, if it is asked for before {@link open}. */
  readonly flow = new FlowControl({
    send: (topic, frame) => this.#hand(topic, frame),
    onChange: () => this.#condition.notify(),
  })
  #socket: PublisherSocket | undefined
  #connected = false
  /** The queue holds no message that waits to go: one that has a subscriber can bypass it. */
  #isDirect = false
  /** Subscriptions are coming in: the queue waits until all of them have been read. */
  #pausing = false
  #closed = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#queue = new BoundedQueue(options.bus.queue, () => this.#overflow())
  }

  /** Starts to connect, and returns: the proxy need not be there yet. */
  async open(): Promise<void> {
    const socket = await openPublisherSocket(this.#options.bus, {
      onLink: event => this.#onLink(event),
      onSubscription: change => this.#onSubscription(change),
      onMessage: ({ topic, frame }) => this.flow.take(topic, frame),
      onWritable: () => this.#onWritable(),
      onRevival: () => this.#sync.revived(),
    })
    this.#socket = socket
    if (this.#closed) socket.close(0)
    else this.#announcements.start()
  }

  get connected(): boolean {
    return this.#connected
  }

  /** Looks up a topic to publish to. Costly: look it up once and keep it. */
  topic(name: string): PublishedTopic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = new PublishedTopic(name, this.#ledger.topic(name))
      if (this.#topics.size < 4096) this.#topics.set(name, topic)
    }
    return topic
  }

  /**
   * Publishes or queues one message. Never waits and never throws: the ledger counts the message's fate.
   * @param size bytes of the payload, for the ledger
   * @returns false if the queue is half full: a caller that can wait should, with {@link untilWritable}
   */
  send(topic: PublishedTopic, frame: Uint8Array, size: number): boolean {
    if (this.#isDirect) {
      const outlook = topic.outlook(this.#demand)
      if (outlook === 'unheard') {
        this.#countUnheard(topic)
        return true
      }
      if (outlook === 'heard') {
        if (this.#handOver(topic, frame, size)) return true
        this.#isDirect = false
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

  /** The publisher's id in its announcements. */
  get id(): string {
    return this.#id.toString('hex')
  }

  /** Whether a subscription to exactly this prefix exists. */
  subscribed(prefix: string): boolean {
    return this.#subscriptions.has(Buffer.from(prefix))
  }

  /** Whether the topic has a subscriber; {@link ListenerOptions} says which ones count. */
  hears(name: string, options?: ListenerOptions): boolean {
    const who = this.subscribed(TOPIC_SEARCH) ? { ...options, exact: true } : options
    return this.connected && this.#subscriptions.wants(this.topic(name).bytes, who)
  }

  /** Resolves once the topic has a subscriber. */
  untilHeard(name: string, options: WaitOptions & ListenerOptions = {}): Promise<void> {
    return this.#condition.until(() => this.hears(name, options), options)
  }

  /** Resolves once a subscription to exactly this prefix exists. */
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

  /**
   * Resolves once all published messages, and their last announcements, have gone out or are counted as lost or unheard. With flow
   * control, the proxy has taken them then.
   */
  async flush(options?: WaitOptions): Promise<void> {
    this.#sync.hurry()
    await this.#untilEmpty(options)
    do {
      this.#announcements.announceAll()
      await this.#untilEmpty(options)
    } while (this.connected && this.#announcements.haveNews)
    this.flow.mark()
    await this.#condition.until(() => this.flow.isTaken, options)
  }

  /**
   * Closes the socket. Messages still queued are counted as undeliverable.
   * @param linger time for messages handed to the socket to go out, in ms
   */
  close(linger = 0): void {
    if (this.#closed) return
    this.#closed = true
    this.#isDirect = false
    this.#connected = false
    this.#sync.close()
    this.#announcements.stop()
    this.flow.close()
    const left = this.#queue.clear().length
    if (left > 0) {
      this.#ledger.lose('undeliverable', left)
      this.#options.onLoss?.('undeliverable', 'still queued for the proxy when this role was closed')
    }
    this.#socket?.close(linger)
  }

  #untilEmpty(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#queue.length === 0 && (this.#socket?.flushed ?? true), options)
  }

  /** Sends a message that has a subscriber. @returns false if there is no room on the way */
  #handOver(topic: PublishedTopic, frame: Uint8Array, size: number): boolean {
    if (topic.isDue(this.#demand) && !this.#announcements.announce(topic)) return false
    if (!this.#hand(topic.bytes, frame)) return false
    topic.sent += 1
    count(this.#ledger.sent, size)
    count(topic.tally, size)
    return true
  }

  /** @returns false if the proxy is away, or there is no room */
  #hand(topic: Buffer, frame: Uint8Array): boolean {
    return this.#socket?.send(topic, frame) === true
  }

  /** Sends queued messages in order. Parks those whose subscriber may still come, and counts unheard ones. */
  #pump(): void {
    if (this.#pausing || this.#sync.holds || this.#closed) return
    this.#isDirect = this.#sendWaiting()
    this.#condition.notify()
  }

  /** @returns false if there is no more room on the way */
  #sendWaiting(): boolean {
    for (let head = this.#queue.peek(); head !== undefined; head = this.#queue.peek()) {
      const { topic, frame, size } = head
      const outlook = topic.outlook(this.#demand)
      if (outlook === 'expected') {
        this.#queue.park()
        continue
      }
      if (outlook === 'unheard') this.#countUnheard(topic)
      else if (!this.#handOver(topic, frame, size)) return false
      this.#queue.shift()
    }
    return true
  }

  /** Goes through the whole queue again, as subscriptions have come, or are no longer expected. */
  readonly #review = (): void => {
    this.#pausing = false
    this.#queue.unpark()
    this.#pump()
  }

  #countUnheard(topic: PublishedTopic): void {
    this.#ledger.unheard += 1
    this.#options.onUnheard?.(topic.name, topic.wasHeard)
  }

  #onWritable(): void {
    this.flow.sendRest()
    this.#announcements.announceRest()
    if (this.#queue.waiting > 0) this.#pump()
    else this.#condition.notify()
  }

  #onSubscription(change: SubscriptionChange): void {
    this.#subscriptions.apply(change)
    this.flow.subscribed(change)
    if (change.subscribe) this.#sync.subscribed(change.prefix)
    else this.#sync.unsubscribed(change.prefix)
    // Parked messages go before messages published from now on.
    if (this.#queue.length > 0) this.#isDirect = false
    // Subscriptions come in a bunch: read all that have arrived before anything is sent.
    if (!this.#pausing) {
      this.#pausing = true
      setImmediate(this.#review)
    }
  }

  #onLink(event: LinkEvent): void {
    if (this.#closed) return
    this.#isDirect = false
    this.#connected = event.type === 'connected'
    if (this.#connected) {
      this.#sync.connected(event.afterSilence ?? false)
      this.#review()
    } else {
      this.#sync.away(event.type === 'lost')
    }
    this.#options.onLink?.(event)
    this.#condition.notify()
  }

  #overflow(): void {
    this.#ledger.lose('overflow')
    this.#options.onLoss?.('overflow', 'the queue to the proxy is full: the oldest messages are dropped')
  }
}
