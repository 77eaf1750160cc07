import { randomUUID } from 'node:crypto'
import { Condition, type WaitOptions } from '../condition.ts'
import { type Announcement, ANNOUNCEMENT_PREFIX, decodeCounts, type Statement } from './announcement.ts'
import type { Bus } from './bus-options.ts'
import type { SubscriberSocket } from './carrier.ts'
import { EchoedTopic } from './echoed-topic.ts'
import type { LinkEvent } from './link.ts'
import { openSubscriberSocket } from './sockets.ts'

/**
 * Limits on messages without an echo yet. A proxy drops messages that a subscriber has no room for. AIT's proxy has room for
 * 1,000, so fewer than that in flight are never dropped.
 */
const WINDOW = { messages: 500, bytes: 8 * 1024 * 1024 }

/** Bytes that a frame may have around its payload: a tuple's packet uid, and msgpack's headers. */
const HEADERS = 64

export interface EchoOptions {
  readonly bus: Bus
  /** Id of the publisher, as in its announcements. */
  readonly publisher: string
  readonly onLink?: (event: LinkEvent) => void
}

/**
 * Subscribes to the messages of a publisher in this process, and so knows which ones have passed the proxy.
 *
 * It compares frames in their order, and takes their number from the publisher's own announcements, which come the same way
 * after the messages that they count. So it notices a lost message, even if another publisher sends one with the same bytes.
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
      onMessage: ({ topic, frame }) => this.#take(topic.toString(), frame),
      // A malformed message is another publisher's.
      onNoMessage: () => {},
    })
    this.#socket = socket
    if (this.#closed) socket.close()
  }

  /**
   * Subscribes to a topic, and to a marker that nobody else has. The messages come from when the publisher hears of the marker.
   * A proxy passes on only the first subscription to a topic, but it takes subscriptions in order.
   * @returns the marker
   */
  async follow(topic: string, options?: WaitOptions): Promise<string> {
    // Subscriptions keep their order only if they are made on an open connection.
    await this.#condition.until(() => this.#connected, options)
    this.#topics.set(topic, new EchoedTopic())
    const marker = `${ANNOUNCEMENT_PREFIX}(echo ${randomUUID()})`
    this.#socket?.subscribe(topic, `${ANNOUNCEMENT_PREFIX}${topic}`, marker)
    return marker
  }

  follows(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Notes a message that is about to be published, under a topic that this echo follows. */
  expect(topic: string, frame: Uint8Array): void {
    this.#topics.get(topic)?.expect(frame)
    this.#outstanding.messages += 1
    this.#outstanding.bytes += frame.length
  }

  /** Whether so much waits for its echo that nothing should be published now. */
  get full(): boolean {
    const { messages, bytes } = this.#outstanding
    return messages >= WINDOW.messages || bytes >= WINDOW.bytes
  }

  /** Messages that have passed the proxy, or are known to be lost. */
  get settled(): number {
    return this.#sum(topic => topic.settled)
  }

  /** Published messages. */
  get expected(): number {
    return this.#sum(topic => topic.expected)
  }

  /** Messages that have passed the proxy. */
  get confirmed(): number {
    return this.#sum(topic => topic.confirmed)
  }

  /** Whether every message is known to have passed or to be lost, by the publisher's own count. */
  get complete(): boolean {
    for (const topic of this.#topics.values()) if (!topic.complete) return false
    return true
  }

  /** Resolves once `holds` is true. */
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

  #take(name: string, frame: Buffer): void {
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

/** A publisher's count: by a statement, of messages that reached the proxy; by an announcement, of messages sent there. */
function sentBy(publisher: string, counts: Announcement | Statement | undefined): number | undefined {
  if (counts?.type === 'statement')
    return counts.positions.find(position => position.publisher === publisher)?.now
  return counts?.publisher === publisher ? counts.sent : undefined
}
