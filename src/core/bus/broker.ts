import { EventEmitter } from 'node:events'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL, parseBusUrl } from '../endpoint.ts'
import { GroundwireError } from '../errors.ts'
import { count, Ledger, type Loss, type LossCause, type Tally } from '../ledger.ts'
import { untilQuiet } from '../until-quiet.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX } from './announcement.ts'
import { bindAll } from './bind.ts'
import {
  type BoundSocket,
  type CarrierName,
  DEFAULT_CARRIER,
  type NoMessage,
  type Route,
  type SubscriptionChange,
  type XPubSocket,
} from './carrier.ts'
import { framesOf } from './frames-of.ts'
import { type LimitEvent, type Limits, type LimitValues, makeLimits } from './limits.ts'
import { malformedTopic } from './malformed-topic.ts'
import type { DescriptorEvent, PeerEvent } from './peer-event.ts'
import { type SlowSubscriber, SlowSubscribers } from './slow-subscribers.ts'
import { makeBrokerSockets } from './sockets.ts'
import { TopicTable } from './topic-table.ts'

/** What happens at the broker that an operator may want to see. */
export interface BrokerEvent {
  readonly type: 'joined' | 'left' | 'refused' | 'subscribed' | 'unsubscribed'
  /** Whose side it is: publishers come to XSUB, subscribers to XPUB. */
  readonly side: 'xsub' | 'xpub'
  /** The endpoint it happened at, or the prefix that was subscribed. */
  readonly detail: string
  /** The address that a connection came from, where that is known. */
  readonly peer?: string
  /** Why a connection was refused. */
  readonly reason?: string
  /** Messages that waited for a subscriber whose connection ended, and were dropped. */
  readonly dropped?: number
}

export interface BrokerOptions {
  /** Where publishers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | readonly string[]
  /** Where subscribers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | readonly string[]
  readonly carrier?: CarrierName
  /** How much the broker holds, for one connection and for all; see {@link DEFAULT_LIMITS}. Not over libzmq. */
  readonly limits?: LimitValues
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
}

/** What a broker tells whoever listens. */
export interface BrokerEvents {
  peer: [BrokerEvent]
  /** A subscriber lags, or has caught up (over libzmq: Linux only). */
  slow: [SlowSubscriber]
  /** A message was refused, for every one of them. */
  loss: [Loss]
  /** Something was refused, dropped or cut off as a limit was reached. */
  limit: [LimitEvent]
  /** File descriptors run short, or there are enough again (Linux). */
  descriptors: [DescriptorEvent]
}

interface ForwardedTopic {
  readonly route: Route
  /** Undefined for what publishers announce of their counts: those are no messages, and are not counted as such. */
  readonly tally: Tally | undefined
}

/**
 * The XSUB/XPUB broker of the bus.
 *
 * It forwards messages of two frames with a UTF-8 topic one way, and subscriptions the other way; anything else it
 * refuses and counts, so that one malformed message never reaches (and ends) an AIT stream.
 */
export class Broker extends EventEmitter<BrokerEvents> {
  readonly ledger: Ledger
  readonly #urls: { readonly xsub: readonly string[]; readonly xpub: readonly string[] }
  readonly #carrier: CarrierName
  readonly #limits: Limits
  #topics: TopicTable<ForwardedTopic | null> | undefined
  #sockets: BoundSocket[] = []
  #slowSubscribers: SlowSubscribers | undefined
  #closed = false

  /** @throws {UsageError} for a URL or a limit that is none */
  constructor({
    xsub = DEFAULT_XSUB_URL,
    xpub = DEFAULT_XPUB_URL,
    carrier = DEFAULT_CARRIER,
    limits,
    ledger = new Ledger('proxy'),
  }: BrokerOptions = {}) {
    super()
    this.ledger = ledger
    this.#carrier = carrier
    this.#limits = makeLimits(limits, event => this.#onLimit(event))
    this.#urls = { xsub: [xsub].flat().map(toBind), xpub: [xpub].flat().map(toBind) }
  }

  /**
   * Binds all endpoints and starts to forward.
   * @returns the URLs that were really bound, with the ports that the system chose
   * @throws {GroundwireError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION, NAME_NOT_FOUND
   */
  async start(): Promise<{ xsub: string[]; xpub: string[] }> {
    const urls = [...this.#urls.xsub, ...this.#urls.xpub]
    const sockets = await makeBrokerSockets(this.#carrier, urls, {
      limits: this.#limits,
      onDescriptors: event => this.emit('descriptors', event),
      xsub: {
        onPeer: event => this.#onPeer('xsub', event),
        onMessage: (topic, frame) => this.#forward(topic, frame),
        onNoMessage: what => this.#refuse(what, `${framesOf(what.frames)} where a message has 2`),
      },
      xpub: {
        onPeer: event => this.#onPeer('xpub', event),
        onSubscription: change => this.#onSubscription(change, sockets.xsub.send.bind(sockets.xsub)),
        onNoMessage: what =>
          this.#refuse(what, 'a message from the side of the subscribers that is no subscription'),
      },
    })
    if (this.#closed) throw new GroundwireError('CLOSED', 'the broker was closed before it had started')
    this.#sockets = [sockets.xsub, sockets.xpub]
    this.#topics = new TopicTable((name, bytes) =>
      name === undefined ? null : this.#forwardedTopic(name, bytes, sockets.xpub),
    )
    const xpub = await bindAll(sockets.xpub, this.#urls.xpub)
    const xsub = await bindAll(sockets.xsub, this.#urls.xsub)
    const { dropped } = sockets.xpub
    if (dropped !== undefined) {
      this.ledger.addSection('dropped', () => Object.fromEntries(dropped))
      this.ledger.addSection('limits', () => this.#limits)
    }
    this.#slowSubscribers = new SlowSubscribers(sockets.xpub, subscriber => this.emit('slow', subscriber))
    return { xsub, xpub }
  }

  /** Forwards what has arrived already. */
  async drain(): Promise<void> {
    await untilQuiet(() => this.ledger.received.messages)
  }

  /**
   * Stops forwarding.
   * @param options.linger how long what was forwarded may go on going out, in ms; default 0
   */
  async close({ linger = 0 }: { linger?: number } = {}): Promise<void> {
    this.#closed = true
    this.#slowSubscribers?.close()
    this.ledger.stopped ??= new Date()
    await Promise.all(this.#sockets.splice(0).map(socket => socket.close(linger)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #forwardedTopic(name: string, bytes: Buffer, xpub: XPubSocket): ForwardedTopic {
    const isMessage = !name.startsWith(ANNOUNCEMENT_PREFIX)
    return {
      route: xpub.route(bytes, isMessage),
      tally: isMessage ? this.ledger.topic(name) : undefined,
    }
  }

  #forward(topicBytes: Buffer, frame: Buffer): void {
    const topic = this.#topics?.find(topicBytes)
    if (topic === undefined || this.#closed) return
    if (topic === null) {
      this.#lose('malformed', malformedTopic(topicBytes.length), topicBytes.length + frame.length)
      return
    }
    const forwarding = topic.route.send(frame)
    const { tally } = topic
    if (tally === undefined) return
    const size = payloadSize(frame)
    if (forwarding === 'full') return this.#lose('overflow', 'no subscriber of it has room', size)
    count(this.ledger.received, size)
    if (forwarding === 'unheard') {
      this.ledger.unheard += 1
      return
    }
    count(this.ledger.sent, size)
    count(tally, size)
  }

  #onSubscription(change: SubscriptionChange, send: (change: SubscriptionChange) => void): void {
    if (this.#closed) return
    send(change)
    const type = change.subscribe ? 'subscribed' : 'unsubscribed'
    this.emit('peer', { type, side: 'xpub', detail: change.prefix.toString('utf8') })
  }

  #onPeer(side: BrokerEvent['side'], { endpoint, ...event }: PeerEvent): void {
    if (!this.#closed) this.emit('peer', { ...event, side, detail: endpoint })
  }

  #refuse({ bytes, frames, longTopic, oversize }: NoMessage, reason: string): void {
    if (longTopic !== undefined && frames === 2) this.#lose('malformed', malformedTopic(longTopic), bytes)
    else if (oversize) {
      this.#limits.frame.exceed()
      this.#lose('oversize', `${bytes} bytes are more than is forwarded`, bytes)
    } else this.#lose('malformed', reason, bytes)
  }

  /** What is told as a loss, or of a subscriber that is slow, is not told as a limit too. */
  #onLimit(event: LimitEvent): void {
    if (event.limit !== 'frame' && event.limit !== 'queue' && !this.#closed) this.emit('limit', event)
  }

  /** Counts a message that came, and went no further. */
  #lose(cause: LossCause, reason: string, size: number): void {
    count(this.ledger.received, size)
    this.ledger.lose(cause)
    this.emit('loss', { cause, reason })
  }
}

function toBind(url: string): string {
  return parseBusUrl(url, 'bind')
}
