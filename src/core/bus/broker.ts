import { bindUrls, checkOneOf, checkWhole } from '../check.ts'
import { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL } from '../endpoint.ts'
import { count, LEFT_IN_HAND, type LossCause } from '../ledger.ts'
import { recordsOf } from '../ledger-sections.ts'
import { LOSE, OPENED, PARTS, Role } from '../role.ts'
import { type AdmittedKey, checkServerKeys, type ServerKeys } from '../security/keys.ts'
import { untilQuiet } from '../until-quiet.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { announcedTopic, decodeCounts, isReserved } from './announcement.ts'
import { bindAll } from './bind.ts'
import type { BoundUrls, BrokerEvent, BrokerEvents, BrokerOptions } from './broker-options.ts'
import {
  type BoundSocket,
  type CarrierName,
  CARRIERS,
  DEFAULT_CARRIER,
  type MalformedMessage,
  type PeerEvent,
  type PeerLink,
  type SubscriptionChange,
} from './carrier.ts'
import { ControlledFlow } from './controlled-flow.ts'
import { FLOW_TOPIC } from './flow-message.ts'
import { ForwardedTopic } from './forwarded-topic.ts'
import { type LimitEvent, type Limits, makeLimits } from './limits.ts'
import { malformedTopic, wrongFrames } from './malformed-text.ts'
import type { MessageView } from './message-view.ts'
import { ProxyAccounts } from './proxy-accounts.ts'
import { SlowSubscribers } from './slow-subscribers.ts'
import { makeBrokerSockets } from './sockets.ts'
import { StatementRounds } from './statement-rounds.ts'
import { TopicTable } from './topic-table.ts'

/**
 * Time from the broker's start until it admits publishers, in ms. Subscribers from before a restart are back by then (see
 * zmtp/connector.ts), and get the messages that publishers have held for them.
 */
const ADMIT_PUBLISHERS_MS = 500

/** A topic, or the mark of bytes that can't be one. */
type Entry = ForwardedTopic | 'malformed'

/**
 * The XSUB/XPUB broker of the bus.
 *
 * It forwards messages of two frames with a UTF-8 topic one way, and subscriptions the other way. It refuses and counts
 * anything else, so that one malformed message never reaches (and ends) an AIT stream.
 */
export class Broker extends Role<BrokerEvents, BoundUrls> {
  readonly #urls: { readonly xsub: readonly string[]; readonly xpub: readonly string[] }
  readonly #carrier: CarrierName
  readonly #admitAfterMs: number
  readonly #limits: Limits
  readonly #security: ServerKeys | undefined
  #topics: TopicTable<Entry> | undefined
  #sockets: BoundSocket[] = []
  #slowSubscribers: SlowSubscribers | undefined
  readonly #accounts: ProxyAccounts
  readonly #flow = new ControlledFlow()
  #statementRounds: StatementRounds | undefined
  #bound: BoundUrls = { xsub: [], xpub: [] }
  #closed = false

  /** @throws {UsageError} for an option that is not of its form */
  constructor({
    xsub = DEFAULT_XSUB_URL,
    xpub = DEFAULT_XPUB_URL,
    carrier = DEFAULT_CARRIER,
    limits,
    security,
    ledger,
    admitAfterMs = ADMIT_PUBLISHERS_MS,
  }: BrokerOptions = {}) {
    super('proxy', ledger)
    checkOneOf('carrier', carrier, CARRIERS)
    checkServerKeys(security)
    this.#carrier = carrier
    this.#security = security
    checkWhole('admitAfterMs', admitAfterMs, 0)
    this.#admitAfterMs = admitAfterMs
    this.#limits = makeLimits(limits, event => this.#onLimit(event))
    const on = {
      begin: ({ name }: ForwardedTopic) => this.#topics?.pin(Buffer.from(name)),
      end: ({ name }: ForwardedTopic) => this.#topics?.release(Buffer.from(name)),
    }
    this.#accounts = new ProxyAccounts(this.#limits, on, link => this.#flow.has(link))
    this.#urls = {
      xsub: bindUrls('xsub', xsub),
      xpub: bindUrls('xpub', xpub),
    }
    this[PARTS].push({
      open: () => this.#open(),
      // Forwards messages that have arrived already.
      settle: () => untilQuiet(() => this.ledger.received.messages),
      close: linger => this.#close(linger),
    })
  }

  /** @internal */
  override [OPENED](): BoundUrls {
    return this.#bound
  }

  /** Ends the connections whose keys are not allowed any more. They may try again, and are judged anew. */
  dismiss(isDismissed: (key: AdmittedKey) => boolean): void {
    for (const socket of this.#sockets) socket.dismiss?.(isDismissed)
  }

  /** Binds all endpoints and starts to forward. */
  async #open(): Promise<void> {
    const urls = [...this.#urls.xsub, ...this.#urls.xpub]
    const sockets = await makeBrokerSockets(this.#carrier, urls, {
      limits: this.#limits,
      keys: this.#security,
      onDescriptors: event => this.emit('descriptors', event),
      xsub: {
        onPeer: event => this.#onPeer('xsub', event),
        admitAfterMs: this.#admitAfterMs,
        onLeft: link => this.#leave(link),
        onMessage: (message, from) => this.#forward(message, from),
        onNoMessage: (malformed, from) => {
          if (from !== undefined) this.#passOver(malformed, from)
          this.#refuse(malformed, wrongFrames(malformed.frames))
        },
      },
      xpub: {
        onPeer: event => this.#onPeer('xpub', event),
        onSubscription: change => this.#onSubscription(change, sockets.xsub.send.bind(sockets.xsub)),
        onNoMessage: malformed =>
          this.#refuse(malformed, 'a message from a subscriber that is not a subscription'),
      },
    })
    this.#sockets = [sockets.xsub, sockets.xpub]
    this.#flow.open(sockets.xsub)
    if (this.#closed) return
    this.#topics = new TopicTable((name, bytes) =>
      name === undefined ? 'malformed' : new ForwardedTopic(name, sockets.xpub.route(bytes), this.#accounts),
    )
    const xpub = await bindAll(sockets.xpub, this.#urls.xpub)
    const xsub = await bindAll(sockets.xsub, this.#urls.xsub)
    const { dropped } = sockets.xpub
    if (dropped !== undefined) {
      this.ledger.addSection('dropped', () => Object.fromEntries(dropped))
      this.ledger.addSection('limits', () => recordsOf(Object.entries(this.#limits)))
    }
    this.#slowSubscribers = new SlowSubscribers(sockets.xpub, subscriber => this.emit('slow', subscriber))
    this.#statementRounds = new StatementRounds(this.#accounts)
    this.#bound = { xsub, xpub }
  }

  async #close(linger: number): Promise<void> {
    this.#closed = true
    this.#slowSubscribers?.close()
    this.#statementRounds?.close()
    await Promise.all(this.#sockets.splice(0).map(socket => socket.close(linger)))
  }

  #forward(message: MessageView, from: PeerLink | undefined): void | Promise<void> {
    if (this.#topics === undefined) return
    const { topicBytes, topicStart, topicEnd, frameBytes, frameStart, frameEnd } = message
    // Without the sender's connection (libzmq) announcements are forwarded, as any other broker does.
    if (from !== undefined && isReserved(topicBytes, topicStart, topicEnd))
      return this.#takeReserved(message.topic, message.frame, from)
    const topic = this.#topics.find(topicBytes, topicStart, topicEnd)
    if (topic === 'malformed') {
      const { topicLength, frameLength } = message
      return this.#lose('malformed', malformedTopic(topicLength), topicLength + frameLength)
    }
    if (this.#closed) {
      if (!topic.isHidden)
        this.#lose('undeliverable', LEFT_IN_HAND, payloadSize(frameBytes, frameStart, frameEnd))
      return
    }
    const waiting = this.#flow.wait(message, topic, from)
    if (waiting !== undefined) return waiting.then(kept => this.#forward(kept, from))
    const forwarding = topic.forward(message, from)
    if (topic.isHidden) return
    const size = payloadSize(frameBytes, frameStart, frameEnd)
    topic.tally ??= this.ledger.topic(topic.name)
    if (forwarding === 'full') return this.#lose('overflow', 'no subscriber of its topic has room', size)
    count(this.ledger.received, size)
    if (forwarding === 'unheard') {
      this.ledger.unheard += 1
      return
    }
    count(this.ledger.sent, size)
    count(topic.tally, size)
  }

  /** Takes in a publisher's announcement or mark, and refuses any other reserved topic. */
  #takeReserved(topicBytes: Buffer, frame: Buffer, from: PeerLink): void {
    if (this.#flow.take(topicBytes, frame, from)) return
    const about = announcedTopic(topicBytes)
    if (about === undefined)
      return this.#lose('malformed', 'a reserved topic', topicBytes.length + frame.length)
    if (isReserved(about)) return
    const topic = this.#topics?.findIf(about, made => made !== 'malformed' && this.#isWorthAccounting(made))
    const counts = topic instanceof ForwardedTopic ? decodeCounts(frame) : undefined
    if (topic instanceof ForwardedTopic && counts?.type === 'announcement')
      this.#miss(topic, topic.announce(from, counts))
  }

  /** Whether a topic without messages may take another's place: it has a follower, and its account has room. */
  #isWorthAccounting(topic: ForwardedTopic): boolean {
    if (!topic.isFollowed) return false
    if (this.#accounts.hasRoom) return true
    if (this.#accounts.refuse(topic)) topic.sayUncounted()
    return false
  }

  #leave(link: PeerLink): void {
    this.#flow.leave(link)
    for (const topic of this.#accounts.leave(link)) this.#miss(topic, topic.leave(link))
  }

  /** Counts a message that can't be forwarded as due: its subscribers should have had it. */
  #passOver({ first, frames, longTopic }: MalformedMessage, from: PeerLink): void {
    if (frames !== 2 || longTopic !== undefined || first.length === 0 || isReserved(first)) return
    const topic = this.#topics?.find(first)
    if (topic instanceof ForwardedTopic) topic.pass(from)
  }

  /** Counts messages that a publisher sent and that never reached the broker. */
  #miss({ name }: ForwardedTopic, messages: number): void {
    if (messages === 0) return
    this.ledger.lose('bus', messages)
    const reason = `sent to '${name}' by a publisher that lost its connection`
    this.emit('loss', { cause: 'bus', reason, messages })
  }

  #onSubscription(change: SubscriptionChange, send: (change: SubscriptionChange) => void): void {
    // Its own subscription stays, whatever a subscriber asks for.
    if (this.#closed || FLOW_TOPIC.equals(change.prefix)) return
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
      this.#lose('oversize', `${bytes} bytes, where a frame may have ${this.#limits.frame.value}`, bytes)
    } else this.#lose('malformed', reason, bytes)
  }

  /** Reports a reached limit, except `frame` and `queue`: a loss and a slow subscriber report those already. */
  #onLimit(event: LimitEvent): void {
    if (event.limit !== 'frame' && event.limit !== 'queue' && !this.#closed) this.emit('limit', event)
  }

  /** Counts a message that arrived, and was not forwarded. */
  #lose(cause: LossCause, reason: string, size: number): void {
    count(this.ledger.received, size)
    this[LOSE](cause, reason)
  }
}
