import { bindUrls, checkOneOf } from '../check.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../endpoint.ts'
import { count, type Ledger, type LossCause, type Tally } from '../ledger.ts'
import { type BaseEvents, LOSE, OPENED, PARTS, Role } from '../role.ts'
import { untilQuiet } from '../until-quiet.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX } from './announcement.ts'
import { bindAll } from './bind.ts'
import {
  type BoundSocket,
  type CarrierName,
  CARRIERS,
  DEFAULT_CARRIER,
  type NoMessage,
  type Route,
  type SubscriptionChange,
  type XPubSocket,
} from './carrier.ts'
import { framesOf } from './frames-of.ts'
import type { PeerEvent } from './peer-event.ts'
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
}

export interface BrokerOptions {
  /** Where publishers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | readonly string[]
  /** Where subscribers connect: one URL or several, all bound. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string | readonly string[]
  readonly carrier?: CarrierName
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
}

/** The URLs that a broker has really bound, with the ports that the system chose. */
export interface BoundUrls {
  readonly xsub: string[]
  readonly xpub: string[]
}

/** What a broker tells whoever listens. Its `loss` is a message that was refused. */
export interface BrokerEvents extends BaseEvents {
  peer: [BrokerEvent]
  /** A subscriber lags, or has caught up (over libzmq: Linux only). */
  slow: [SlowSubscriber]
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
export class Broker extends Role<BrokerEvents, BoundUrls> {
  readonly #urls: { readonly xsub: readonly string[]; readonly xpub: readonly string[] }
  readonly #carrier: CarrierName
  #topics: TopicTable<ForwardedTopic | null> | undefined
  #sockets: BoundSocket[] = []
  #slowSubscribers: SlowSubscribers | undefined
  #bound: BoundUrls = { xsub: [], xpub: [] }
  #closed = false

  /** @throws {UsageError} for an option that is not of its form */
  constructor({
    xsub = DEFAULT_XSUB_URL,
    xpub = DEFAULT_XPUB_URL,
    carrier = DEFAULT_CARRIER,
    ledger,
  }: BrokerOptions = {}) {
    super('proxy', ledger)
    checkOneOf('carrier', carrier, CARRIERS)
    this.#carrier = carrier
    this.#urls = {
      xsub: bindUrls('xsub', xsub),
      xpub: bindUrls('xpub', xpub),
    }
    this[PARTS].push({
      open: () => this.#open(),
      // Forwards what has arrived already.
      settle: () => untilQuiet(() => this.ledger.received.messages),
      close: linger => this.#close(linger),
    })
  }

  /** @internal */
  override [OPENED](): BoundUrls {
    return this.#bound
  }

  /** Binds all endpoints and starts to forward. */
  async #open(): Promise<void> {
    const urls = [...this.#urls.xsub, ...this.#urls.xpub]
    const sockets = await makeBrokerSockets(this.#carrier, urls, {
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
    this.#sockets = [sockets.xsub, sockets.xpub]
    if (this.#closed) return
    this.#topics = new TopicTable((name, bytes) =>
      name === undefined ? null : this.#forwardedTopic(name, bytes, sockets.xpub),
    )
    const xpub = await bindAll(sockets.xpub, this.#urls.xpub)
    const xsub = await bindAll(sockets.xsub, this.#urls.xsub)
    const { dropped } = sockets.xpub
    if (dropped !== undefined) this.ledger.addSection('dropped', () => Object.fromEntries(dropped))
    this.#slowSubscribers = new SlowSubscribers(sockets.xpub, subscriber => this.emit('slow', subscriber))
    this.#bound = { xsub, xpub }
  }

  async #close(linger: number): Promise<void> {
    this.#closed = true
    this.#slowSubscribers?.close()
    await Promise.all(this.#sockets.splice(0).map(socket => socket.close(linger)))
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
      this.#lose('malformed', 'a topic that is not UTF-8', topicBytes.length + frame.length)
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

  #refuse({ bytes, oversize }: NoMessage, reason: string): void {
    if (oversize) this.#lose('oversize', `${bytes} bytes are more than is forwarded`, bytes)
    else this.#lose('malformed', reason, bytes)
  }

  /** Counts a message that came, and went no further. */
  #lose(cause: LossCause, reason: string, size: number): void {
    count(this.ledger.received, size)
    this[LOSE](cause, reason)
  }
}
