import { bindUrls, checkOneOf, checkWhole } from '../check.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../endpoint.ts'
import { count, type Ledger, type LossCause } from '../ledger.ts'
import { recordsOf } from '../ledger-sections.ts'
import { type BaseEvents, LOSE, OPENED, PARTS, Role } from '../role.ts'
import { untilQuiet } from '../until-quiet.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX, decodeCounts, RESERVED_PREFIX } from './announcement.ts'
import { bindAll } from './bind.ts'
import {
  type BoundSocket,
  type CarrierName,
  CARRIERS,
  DEFAULT_CARRIER,
  type MalformedMessage,
  type PeerLink,
  type SubscriptionChange,
  type XPubSocket,
} from './carrier.ts'
import { ForwardedTopic } from './forwarded-topic.ts'
import { framesOf } from './frames-of.ts'
import { type LimitEvent, type Limits, type LimitValues, makeLimits } from './limits.ts'
import { malformedTopic } from './malformed-topic.ts'
import type { DescriptorEvent, PeerEvent } from './peer-event.ts'
import { type SlowSubscriber, SlowSubscribers } from './slow-subscribers.ts'
import type { AccountBudget } from './passed-account.ts'
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
  /**
   * How long publishers wait until they are let in, from when the broker starts, in ms, so that subscribers that were there
   * before a restart are back by then. Default 500. Over libzmq publishers don't wait.
   */
  readonly admitAfterMs?: number
}

/** The URLs that a broker has really bound, with the ports that the system chose. */
export interface BoundUrls {
  readonly xsub: string[]
  readonly xpub: string[]
}

/** Events of a broker. Its `loss` is a message that was refused. */
export interface BrokerEvents extends BaseEvents {
  peer: [BrokerEvent]
  /** A subscriber lags, or has caught up (over libzmq: Linux only). */
  slow: [SlowSubscriber]
  /** Something was refused, dropped or cut off as a limit was reached. */
  limit: [LimitEvent]
  /** File descriptors run short, or there are enough again (Linux). */
  descriptors: [DescriptorEvent]
}

/** How often the accounts of topics are stated where messages are few, in ms. */
const STATE_MS = 500
/** How long statements may keep the event loop at a time, in ms. */
const STATE_TURN_MS = 5
/** Every so many times that is done even where nothing is new: the last statement may itself have been lost. */
const REPEAT_EVERY = 4
/**
 * How long publishers wait until they are let in, from when the broker starts, in ms. Subscribers that were there before a restart
 * are back by then (see zmtp/connector.ts), and get what publishers have held for them.
 */
const ADMIT_PUBLISHERS_MS = 500

/** A topic, one of announcements, another one that is reserved, or bytes that can't be one. */
type Entry = ForwardedTopic | 'announcement' | 'reserved' | 'malformed'

/**
 * The XSUB/XPUB broker of the bus.
 *
 * It forwards messages of two frames with a UTF-8 topic one way, and subscriptions the other way; anything else it
 * refuses and counts, so that one malformed message never reaches (and ends) an AIT stream.
 */
export class Broker extends Role<BrokerEvents, BoundUrls> {
  readonly #urls: { readonly xsub: readonly string[]; readonly xpub: readonly string[] }
  readonly #carrier: CarrierName
  readonly #admitAfterMs: number
  readonly #limits: Limits
  #topics: TopicTable<Entry> | undefined
  #sockets: BoundSocket[] = []
  #slowSubscribers: SlowSubscribers | undefined
  #stateTimer: NodeJS.Timeout | undefined
  #stateTurn = 0
  /** Topics whose accounts are still to be stated in this round. */
  #toState: ForwardedTopic[] = []
  readonly #budget: AccountBudget = { entries: 0 }
  #bound: BoundUrls = { xsub: [], xpub: [] }
  #closed = false

  /** @throws {UsageError} for an option that is not of its form */
  constructor({
    xsub = DEFAULT_XSUB_URL,
    xpub = DEFAULT_XPUB_URL,
    carrier = DEFAULT_CARRIER,
    limits,
    ledger,
    admitAfterMs = ADMIT_PUBLISHERS_MS,
  }: BrokerOptions = {}) {
    super('proxy', ledger)
    checkOneOf('carrier', carrier, CARRIERS)
    this.#carrier = carrier
    checkWhole('admitAfterMs', admitAfterMs, 0)
    this.#admitAfterMs = admitAfterMs
    this.#limits = makeLimits(limits, event => this.#onLimit(event))
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
      limits: this.#limits,
      onDescriptors: event => this.emit('descriptors', event),
      xsub: {
        onPeer: event => this.#onPeer('xsub', event),
        admitAfterMs: this.#admitAfterMs,
        onLeft: link => this.#leave(link),
        onMessage: (topic, frame, from) => this.#forward(topic, frame, from),
        onNoMessage: (what, from) => {
          // It should have reached its subscribers all the same.
          const isKnown = what.frames === 2 && what.longTopic === undefined && what.first.length > 0
          if (isKnown && from !== undefined) this.#topicOf(what.first)?.pass(from)
          this.#refuse(what, `${framesOf(what.frames)} where a message has 2`)
        },
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
    this.#topics = new TopicTable((name, bytes) => this.#entry(name, bytes, sockets))
    const xpub = await bindAll(sockets.xpub, this.#urls.xpub)
    const xsub = await bindAll(sockets.xsub, this.#urls.xsub)
    const { dropped } = sockets.xpub
    if (dropped !== undefined) {
      this.ledger.addSection('dropped', () => Object.fromEntries(dropped))
      this.ledger.addSection('limits', () => recordsOf(Object.entries(this.#limits)))
    }
    this.#slowSubscribers = new SlowSubscribers(sockets.xpub, subscriber => this.emit('slow', subscriber))
    this.#stateTimer = setInterval(() => this.#stateAll(), STATE_MS).unref()
    this.#bound = { xsub, xpub }
  }

  async #close(linger: number): Promise<void> {
    this.#closed = true
    this.#slowSubscribers?.close()
    clearInterval(this.#stateTimer)
    await Promise.all(this.#sockets.splice(0).map(socket => socket.close(linger)))
  }

  #entry(name: string | undefined, bytes: Buffer, { xpub }: { xpub: XPubSocket }): Entry {
    if (name === undefined) return 'malformed'
    const route = xpub.route(bytes)
    // A carrier that does not tell whose a message is hands announcements on, as any other broker does.
    if (route.followers !== undefined && name.startsWith(RESERVED_PREFIX))
      return name.startsWith(ANNOUNCEMENT_PREFIX) ? 'announcement' : 'reserved'
    return new ForwardedTopic(name, this.ledger.topic(name), route, this.#budget)
  }

  #forward(topicBytes: Buffer, frame: Buffer, from: PeerLink | undefined): void {
    const topic = this.#topics?.find(topicBytes)
    if (topic === undefined || this.#closed) return
    if (typeof topic === 'string') {
      if (topic === 'announcement') {
        if (from !== undefined) this.#account(topicBytes, frame, from)
        return
      }
      const reason = topic === 'reserved' ? 'a topic that is reserved' : malformedTopic(topicBytes.length)
      this.#lose('malformed', reason, topicBytes.length + frame.length)
      return
    }
    const forwarding = topic.forward(frame, from)
    if (topic.isHidden) return
    const size = payloadSize(frame)
    if (forwarding === 'full') return this.#lose('overflow', 'no subscriber of it has room', size)
    count(this.ledger.received, size)
    if (forwarding === 'unheard') {
      this.ledger.unheard += 1
      return
    }
    count(this.ledger.sent, size)
    count(topic.tally, size)
  }

  /** Takes in a publisher's own count of a topic. */
  #account(topicBytes: Buffer, frame: Buffer, from: PeerLink): void {
    const counts = decodeCounts(frame)
    const topic = this.#topicOf(topicBytes.subarray(ANNOUNCEMENT_PREFIX.length))
    if (counts?.type === 'announcement' && topic !== undefined)
      this.#miss(topic, topic.announce(from, counts))
  }

  #leave(link: PeerLink): void {
    for (const topic of this.#forwardedTopics()) this.#miss(topic, topic.leave(link))
  }

  #stateAll(): void {
    // The last round goes on where it has taken longer than its interval.
    if (this.#toState.length > 0) return
    this.#stateTurn = (this.#stateTurn + 1) % REPEAT_EVERY
    this.#toState = [...this.#forwardedTopics()].filter(({ accountSize }) => accountSize !== undefined)
    this.#budget.entries = this.#toState.reduce((sum, { accountSize = 0 }) => sum + accountSize, 0)
    this.#stateSome()
  }

  /** States the accounts of some topics, and goes on after a turn of the event loop: messages don't wait for all of them. */
  #stateSome(): void {
    if (this.#closed) return
    const until = performance.now() + STATE_TURN_MS
    for (let topic = this.#toState.pop(); topic !== undefined; topic = this.#toState.pop()) {
      topic.state(this.#stateTurn === 0)
      if (performance.now() < until) continue
      if (this.#toState.length > 0) setImmediate(() => this.#stateSome())
      return
    }
  }

  #topicOf(bytes: Buffer): ForwardedTopic | undefined {
    const topic = this.#topics?.find(bytes)
    return topic instanceof ForwardedTopic ? topic : undefined
  }

  *#forwardedTopics(): Iterable<ForwardedTopic> {
    for (const topic of this.#topics?.values() ?? []) if (topic instanceof ForwardedTopic) yield topic
  }

  /** Counts messages that a publisher sent and that never came here. */
  #miss({ name }: ForwardedTopic, messages: number): void {
    if (messages === 0) return
    this.ledger.lose('bus', messages)
    const reason = `sent to '${name}' by a publisher that lost its connection`
    this.emit('loss', { cause: 'bus', reason, messages })
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

  #refuse({ bytes, frames, longTopic, oversize }: MalformedMessage, reason: string): void {
    if (longTopic !== undefined && frames === 2) this.#lose('malformed', malformedTopic(longTopic), bytes)
    else if (oversize) {
      this.#limits.frame.exceed()
      this.#lose('oversize', `${bytes} bytes are more than is forwarded`, bytes)
    } else this.#lose('malformed', reason, bytes)
  }

  /** Leaves out `frame` and `queue`: they are told as a loss and as a slow subscriber already. */
  #onLimit(event: LimitEvent): void {
    if (event.limit !== 'frame' && event.limit !== 'queue' && !this.#closed) this.emit('limit', event)
  }

  /** Counts a message that came, and went no further. */
  #lose(cause: LossCause, reason: string, size: number): void {
    count(this.ledger.received, size)
    this[LOSE](cause, reason)
  }
}
