import { EventEmitter } from 'node:events'
import { type Socket, XPublisher, XSubscriber } from 'zeromq'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL, parseBusUrl } from '../endpoint.ts'
import { GroundwireError } from '../errors.ts'
import { count, Ledger, type Loss, type Tally } from '../ledger.ts'
import { untilQuiet } from '../until-quiet.ts'
import { followPeers } from './peers.ts'
import { TopicTable } from './topic-table.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX } from './announcement.ts'
import { type SlowSubscriber, SlowSubscribers } from './slow-subscribers.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK, resolveForBinding } from './socket-options.ts'
import { Subscriptions } from './subscriptions.ts'

/** What happens at the broker that an operator may want to see. */
export interface BrokerEvent {
  readonly type: 'joined' | 'left' | 'refused' | 'subscribed' | 'unsubscribed'
  /** Whose side it is: publishers come to XSUB, subscribers to XPUB. */
  readonly side: 'xsub' | 'xpub'
  /** The endpoint it happened at, or the prefix that was subscribed. */
  readonly detail: string
  /** Why a connection was refused. */
  readonly reason?: string
}

export interface BrokerOptions {
  /** Where publishers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | readonly string[]
  /** Where subscribers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | readonly string[]
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
}

/** What a broker tells whoever listens. */
export interface BrokerEvents {
  peer: [BrokerEvent]
  /** A subscriber lags, or has caught up (Linux). */
  slow: [SlowSubscriber]
  /** A message was refused, for every one of them. */
  loss: [Loss]
}

interface ForwardedTopic {
  readonly latin1: string
  /** Undefined for what publishers announce of their counts: those are no messages, and are not counted as such. */
  readonly tally: Tally | undefined
  heard: boolean
  version: number
}

/**
 * The XSUB/XPUB broker of the bus, in one loop for each direction.
 *
 * It forwards messages of two frames with a UTF-8 topic one way, and subscriptions the other way; anything else it
 * refuses and counts, so that one malformed message never reaches (and ends) an AIT stream.
 */
export class Broker extends EventEmitter<BrokerEvents> {
  readonly ledger: Ledger
  readonly #urls: { readonly xsub: readonly string[]; readonly xpub: readonly string[] }
  readonly #xsub: XSubscriber
  readonly #xpub: XPublisher
  readonly #subscriptions = new Subscriptions()
  readonly #topics: TopicTable<ForwardedTopic | null>
  #slowSubscribers: SlowSubscribers | undefined
  #closed = false
  #running: Promise<unknown> = Promise.resolve()

  /** @throws {UsageError} for a URL that is none */
  constructor({
    xsub = DEFAULT_XSUB_URL,
    xpub = DEFAULT_XPUB_URL,
    ledger = new Ledger('proxy'),
  }: BrokerOptions = {}) {
    super()
    this.ledger = ledger
    this.#urls = { xsub: [xsub].flat().map(toBind), xpub: [xpub].flat().map(toBind) }
    this.#xsub = new XSubscriber({ ...COMMON_OPTIONS, receiveHighWaterMark: HIGH_WATER_MARK })
    // Without noDrop a send never waits: what a slow subscriber has no room for is dropped for that one alone.
    this.#xpub = new XPublisher({ ...COMMON_OPTIONS, sendHighWaterMark: HIGH_WATER_MARK, sendTimeout: 0 })
    this.#topics = new TopicTable(name =>
      name === undefined
        ? null
        : {
            latin1: Buffer.from(name).toString('latin1'),
            tally: name.startsWith(ANNOUNCEMENT_PREFIX) ? undefined : this.ledger.topic(name),
            heard: false,
            version: -1,
          },
    )
  }

  /**
   * Binds all endpoints and starts to forward.
   * @returns the URLs that were really bound, with the ports that the system chose
   * @throws {GroundwireError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION, NAME_NOT_FOUND
   */
  async start(): Promise<{ xsub: string[]; xpub: string[] }> {
    this.#observe(this.#xsub, 'xsub', 'publisher')
    this.#observe(this.#xpub, 'xpub', 'subscriber')
    const xpub = await bindAll(this.#xpub, this.#urls.xpub)
    const xsub = await bindAll(this.#xsub, this.#urls.xsub)
    const ports = xpub.flatMap(url => /^tcp:.*:(\d+)$/.exec(url)?.[1] ?? []).map(Number)
    this.#slowSubscribers = new SlowSubscribers(ports, subscriber => this.emit('slow', subscriber))
    this.#running = Promise.all([this.#forwardMessages(), this.#forwardSubscriptions()])
    return { xsub, xpub }
  }

  /** Forwards what has arrived already. */
  async drain(): Promise<void> {
    await untilQuiet(() => this.ledger.received.messages)
  }

  /**
   * Stops forwarding.
   * @param options.linger how long ZeroMQ may go on sending what was forwarded, in ms; default 0
   */
  async close({ linger = 0 }: { linger?: number } = {}): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#slowSubscribers?.close()
      this.#xpub.linger = linger
      this.#xsub.close()
      this.#xpub.close()
    }
    this.ledger.stopped ??= new Date()
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #forwardMessages(): Promise<void> {
    try {
      while (!this.#closed) this.#forward(await this.#xsub.receive())
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  #forward(frames: Buffer[]): void {
    const [topicBytes, frame] = frames
    if (topicBytes === undefined || frame === undefined || frames.length !== 2) {
      this.#refuse(frames, `${frames.length} frame${frames.length === 1 ? '' : 's'} where a message has 2`)
      return
    }
    const topic = this.#topics.find(topicBytes)
    if (topic === null) {
      this.#refuse(frames, 'a topic that is not UTF-8')
      return
    }
    const { tally } = topic
    const size = payloadSize(frame)
    if (tally !== undefined) count(this.ledger.received, size)
    if (!this.#hears(topic)) {
      if (tally !== undefined) this.ledger.unheard += 1
      return
    }
    this.#xpub.send(frames).catch(this.#onSendError)
    if (tally === undefined) return
    count(this.ledger.sent, size)
    count(tally, size)
  }

  /** XPUB never blocks, so a send fails only where the socket was closed under it. */
  readonly #onSendError = (error: unknown): void => {
    if (!this.#closed) throw error
  }

  #hears(topic: ForwardedTopic): boolean {
    if (topic.version !== this.#subscriptions.version) {
      topic.version = this.#subscriptions.version
      topic.heard = this.#subscriptions.wants(topic.latin1)
    }
    return topic.heard
  }

  async #forwardSubscriptions(): Promise<void> {
    try {
      while (!this.#closed) {
        const frames = await this.#xpub.receive()
        const [frame] = frames
        const change =
          frame === undefined || frames.length !== 1 ? undefined : this.#subscriptions.apply(frame)
        if (frame === undefined || change === undefined) {
          this.#refuse(frames, 'a message from the side of the subscribers that is no subscription')
          continue
        }
        await this.#xsub.send(frame)
        const type = change.subscribe ? 'subscribed' : 'unsubscribed'
        this.emit('peer', { type, side: 'xpub', detail: change.prefix.toString('utf8') })
      }
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  #refuse(frames: readonly Buffer[], reason: string): void {
    count(
      this.ledger.received,
      frames.reduce((sum, frame) => sum + frame.length, 0),
    )
    this.ledger.lose('malformed')
    this.emit('loss', { cause: 'malformed', reason })
  }

  #observe(socket: Socket, side: BrokerEvent['side'], expected: string): void {
    followPeers(socket, expected, ({ endpoint, ...event }) => {
      if (!this.#closed) this.emit('peer', { ...event, side, detail: endpoint })
    })
  }
}

function toBind(url: string): string {
  return parseBusUrl(url, 'bind')
}

async function bindAll(socket: XPublisher | XSubscriber, urls: readonly string[]): Promise<string[]> {
  const bound: string[] = []
  for (const text of urls) {
    const url = await resolveForBinding(text)
    socket.ipv6 = url.includes('[')
    await socket.bind(url).catch((cause: unknown) => {
      throw bindError(text, cause)
    })
    bound.push(socket.lastEndpoint ?? url)
  }
  return bound
}

function bindError(url: string, cause: unknown): GroundwireError {
  const code = (cause as NodeJS.ErrnoException).code
  switch (code) {
    case 'EADDRINUSE':
      return new GroundwireError('ADDRESS_IN_USE', `${url} is in use already`, {
        cause,
        hint: 'is another proxy, or an AIT server, running?',
      })
    case 'EACCES':
      return new GroundwireError('PERMISSION', `no permission to bind ${url}`, { cause })
    case 'EADDRNOTAVAIL':
    case 'ENODEV':
      return new GroundwireError(
        'ADDRESS_NOT_AVAILABLE',
        `${url} can't be bound: this host has no such address`,
        { cause },
      )
    default:
      return new GroundwireError('IO', `${url} can't be bound: ${(cause as Error).message}`, { cause })
  }
}
