import { randomUUID } from 'node:crypto'
import { Condition, type WaitOptions } from '../condition.ts'
import { type Announcement, ANNOUNCEMENT_PREFIX, decodeCounts, type Statement } from './announcement.ts'
import type { Bus } from './bus-options.ts'
import type { SubscriberSocket } from './carrier.ts'
import { EchoedTopic } from './echoed-topic.ts'
import type { LinkEvent } from './link.ts'
import { openSubscriberSocket } from './sockets.ts'

/**
 * Messages, and bytes, that may be out without an echo. A proxy drops what a subscriber has no room for, and AIT's has
 * room for 1,000 messages: with fewer on their way it never comes to that.
 */
const WINDOW = { messages: 500, bytes: 8 * 1024 * 1024 }

/** Room for a tuple's packet uid and msgpack's headers around the payload of a frame, in bytes. */
const HEADERS = 64

export interface EchoOptions {
  readonly bus: Bus
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
  readonly #condition = new Condition()
  readonly #topics = new Map<string, EchoedTopic>()
  #outstanding = { messages: 0, bytes: 0 }
  #socket: SubscriberSocket | undefined
  #connected = false
  #closed = false

  constructor(options: EchoOptions) {
    this.#options = options
  }

  /** Starts to connect, and returns. */
  async open(): Promise<void> {
    const { bus, onLink } = this.#options
    const socket = await openSubscriberSocket(bus, {
      prefixes: [],
      maxFrame: bus.maxMessage + HEADERS,
      onLink: event => {
        if (this.#closed) return
        this.#connected = event.type === 'connected'
        onLink?.(event)
        this.#condition.notify()
      },
      onMessage: (topic, frame) => this.#take(topic, frame),
      // Another publisher's.
      onNoMessage: () => {},
    })
    this.#socket = socket
    if (this.#closed) socket.close()
  }

  /**
   * Asks for a topic's messages. They come from when the publisher hears of a subscription to the returned name, which
   * nobody else has: a proxy passes a second subscription to the same topic on to nobody, but it takes them in order.
   */
  async follow(topic: string, options?: WaitOptions): Promise<string> {
    // In the order that they are made here, which holds for what is subscribed on a connection that is there.
    await this.#condition.until(() => this.#connected, options)
    this.#topics.set(topic, new EchoedTopic())
    const marker = `${ANNOUNCEMENT_PREFIX}(echo ${randomUUID()})`
    this.#socket?.subscribe(topic, `${ANNOUNCEMENT_PREFIX}${topic}`, marker)
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

  close(): void {
    this.#closed = true
    this.#socket?.close()
  }

  #sum(of: (topic: EchoedTopic) => number): number {
    let total = 0
    for (const topic of this.#topics.values()) total += of(topic)
    return total
  }

  #take(topicBytes: Buffer, frame: Buffer): void {
    const name = topicBytes.toString()
    const topic = this.#topics.get(name)
    if (topic !== undefined) this.#settle(topic.echo(frame))
    else if (name.startsWith(ANNOUNCEMENT_PREFIX)) {
      const sent = sentBy(this.#options.publisher, decodeCounts(frame))
      const about = this.#topics.get(name.slice(ANNOUNCEMENT_PREFIX.length))
      if (sent !== undefined) this.#settle(about?.announce(sent) ?? [])
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

/** How many messages of a publisher have come to the proxy, or gone there, by what either has said. */
function sentBy(publisher: string, counts: Announcement | Statement | undefined): number | undefined {
  if (counts?.type === 'statement')
    return counts.positions.find(position => position.publisher === publisher)?.now
  return counts?.publisher === publisher ? counts.sent : undefined
}
