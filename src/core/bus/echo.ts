import { randomUUID } from 'node:crypto'
import { Subscriber as SubscriberSocket } from 'zeromq'
import { Condition, type WaitOptions } from '../condition.ts'
import { parseBusUrl } from '../endpoint.ts'
import { ANNOUNCEMENT_PREFIX, decodeAnnouncement } from './announcement.ts'
import { EchoedTopic } from './echoed-topic.ts'
import { Link, type LinkEvent } from './link.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'

/**
 * Messages, and bytes, that may be out without an echo. A proxy drops what a subscriber has no room for, and AIT's has
 * room for 1,000 messages: with fewer on their way it never comes to that.
 */
const WINDOW = { messages: 500, bytes: 8 * 1024 * 1024 }

export interface EchoOptions {
  /** The proxy's XPUB side. */
  readonly url: string
  /** The publisher whose messages these are, as its announcements name it. */
  readonly publisher: string
  readonly onLink?: (event: LinkEvent) => void
}

/**
 * Listens to what a publisher of this process sends, and so knows what has passed the proxy.
 *
 * It compares frames in their order, and takes their number from the publisher's own announcements, which come by the
 * same way after the messages that they count: so a message that is lost is known to be, and another publisher's with
 * the same bytes doesn't stand for it.
 */
export class Echo {
  readonly #options: EchoOptions
  readonly #socket: SubscriberSocket
  readonly #condition = new Condition()
  readonly #topics = new Map<string, EchoedTopic>()
  #outstanding = { messages: 0, bytes: 0 }
  #link: Link | undefined
  #closed = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: EchoOptions) {
    this.#options = options
    this.#socket = new SubscriberSocket({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      receiveHighWaterMark: HIGH_WATER_MARK,
    })
  }

  /** Starts to connect, and returns. */
  async open(): Promise<void> {
    const url = parseBusUrl(this.#options.url, 'connect')
    if (await needsIPv6(url)) this.#socket.ipv6 = true
    if (this.#closed) return
    this.#link = new Link(this.#socket, url, event => {
      if (this.#closed) return
      this.#options.onLink?.(event)
      this.#condition.notify()
    })
    this.#socket.connect(url)
    this.#running = this.#read()
  }

  /**
   * Asks for a topic's messages. They come from when the publisher hears of a subscription to the returned name, which
   * nobody else has: a proxy passes a second subscription to the same topic on to nobody, but it takes them in order.
   */
  async follow(topic: string, options?: WaitOptions): Promise<string> {
    // In the order that they are made here, which holds for what is subscribed on a connection that is there.
    await this.#condition.until(() => this.#link?.connected === true, options)
    this.#topics.set(topic, new EchoedTopic())
    const marker = `${ANNOUNCEMENT_PREFIX}(echo ${randomUUID()})`
    this.#socket.subscribe(topic)
    this.#socket.subscribe(`${ANNOUNCEMENT_PREFIX}${topic}`)
    this.#socket.subscribe(marker)
    return marker
  }

  follows(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Says what is about to be published. The topic is one that it follows. */
  expect(topic: string, frame: Uint8Array): void {
    this.#topics.get(topic)?.expect(frame)
    this.#outstanding.messages += 1
    this.#outstanding.bytes += frame.length
  }

  /** Whether so much is out without an echo that nothing should be added. */
  get full(): boolean {
    const { messages, bytes } = this.#outstanding
    return messages >= WINDOW.messages || bytes >= WINDOW.bytes
  }

  /** Messages whose fate is known: they have passed the proxy, or are lost. */
  get settled(): number {
    return this.#sum(topic => topic.settled)
  }

  /** Messages that were published. */
  get expected(): number {
    return this.#sum(topic => topic.expected)
  }

  /** Messages that have passed the proxy. */
  get confirmed(): number {
    return this.#sum(topic => topic.confirmed)
  }

  /** Whether the fate of every message is known, by the publisher's own count. */
  get complete(): boolean {
    for (const topic of this.#topics.values()) if (!topic.complete) return false
    return true
  }

  /** Resolves once something holds of it. */
  until(holds: (echo: this) => boolean, options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => holds(this), options)
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#socket.close()
    }
    await this.#running
  }

  #sum(of: (topic: EchoedTopic) => number): number {
    let total = 0
    for (const topic of this.#topics.values()) total += of(topic)
    return total
  }

  async #read(): Promise<void> {
    try {
      while (!this.#closed) this.#take(await this.#socket.receive())
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }

  #take([topicBytes, frame]: Buffer[]): void {
    if (topicBytes === undefined || frame === undefined) return
    const name = topicBytes.toString()
    const topic = this.#topics.get(name)
    if (topic !== undefined) this.#settle(topic.echo(frame))
    else if (name.startsWith(ANNOUNCEMENT_PREFIX)) {
      const announcement = decodeAnnouncement(frame)
      const about = this.#topics.get(name.slice(ANNOUNCEMENT_PREFIX.length))
      if (announcement?.publisher === this.#options.publisher)
        this.#settle(about?.announce(announcement.sent) ?? [])
    }
    this.#condition.notify()
  }

  #settle(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.#outstanding.messages -= 1
      this.#outstanding.bytes -= frame.length
    }
  }
}
