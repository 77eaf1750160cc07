import { Condition, type WaitOptions } from '../condition.ts'
import { count, type Ledger, type LossCause, type Tally } from '../ledger.ts'
import { recordsOf } from '../ledger-sections.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { ANNOUNCEMENT_PREFIX, decodeCounts } from './announcement.ts'
import type { Bus } from './bus-options.ts'
import type { MalformedMessage, SubscriberSocket } from './carrier.ts'
import type { LinkEvent } from './link.ts'
import type { MessageView } from './message-view.ts'
import { malformedTopic, wrongFrames } from './malformed-text.ts'
import { openSubscriberSocket } from './sockets.ts'
import { TopicAccount } from './topic-account.ts'
import { type TopicChange, TopicInterest, type TopicSelection } from './topic-filter.ts'
import { TopicTable } from './topic-table.ts'

/** Called with every message of the selection. While a returned promise is pending, nothing more is read. */
export type MessageHandler = (frame: Buffer, topic: string) => void | Promise<void>

export interface SubscriberOptions extends TopicSelection {
  /** A payload over its `maxMessage` is counted as oversize, and not kept. */
  readonly bus: Bus
  readonly ledger: Ledger
  readonly onMessage: MessageHandler
  readonly onLink?: (event: LinkEvent) => void
  readonly onLoss?: (cause: LossCause, reason: string, messages?: number) => void
}

/** Most topics that are accounted for from end to end. */
const MAX_ACCOUNTS = 4096
/** Longest header before a payload in its frame, in bytes: msgpack's bin 32 and str 32. */
const MAX_HEADER = 5

interface KnownTopic {
  readonly name: string
  readonly wanted: boolean
  /** The topic that announcements under this one are about. Undefined for any other topic. */
  readonly about: string | undefined
  readonly account: TopicAccount | undefined
  /** Undefined until the first wanted message, so that the ledger lists only topics with messages. */
  tally: Tally | undefined
}

/**
 * Takes messages off the bus. It subscribes by prefix, as ZeroMQ does, and keeps the topics of its selection. It also asks for
 * the publishers' counts (see announcement.ts), and so knows how many messages were lost on the way (`bus`).
 */
export class Subscriber {
  readonly #options: SubscriberOptions
  readonly #ledger: Ledger
  readonly #interest: TopicInterest
  /** Prefixes that the socket has subscribed to. */
  #subscribed: ReadonlySet<string> = new Set()
  #topics = this.#newTable()
  readonly #accounts = new Map<string, TopicAccount>()
  /** Topics with a publisher that waits for its subscribers. */
  readonly #controlled = new Set<string>()
  readonly #condition = new Condition()
  #socket: SubscriberSocket | undefined
  #connected = false
  #stopped = false
  #closed = false

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#interest = new TopicInterest(options)
    this.#ledger.addSection('accounting', () => recordsOf(this.#accounts))
    this.#ledger.isBusKnown = () => this.#isAccounted()
  }

  /** Subscribes, starts to connect and read, and returns: the proxy need not be there yet. */
  async open(): Promise<void> {
    const { bus } = this.#options
    const prefixes = this.#interest.subscriptions
    const socket = await openSubscriberSocket(bus, {
      prefixes: [...prefixes].flatMap(withAccounts),
      maxFrame: bus.maxMessage + MAX_HEADER,
      onLink: event => this.#onLink(event),
      onMessage: message => this.#onMessage(message),
      onNoMessage: malformed => this.#onNoMessage(malformed),
    })
    this.#socket = socket
    this.#subscribed = prefixes
    if (this.#closed) socket.close()
    else this.#subscribe()
  }

  /** Subscribes to further topics. */
  add(change: TopicChange): void {
    this.#interest.add(change)
    this.#subscribe()
  }

  /** Ends the subscriptions to topics. Their messages still on the way are ignored, and not counted. */
  remove(change: TopicChange): void {
    this.#interest.remove(change)
    // The topic's losses since the last statement, and its messages from now on, stay unknown.
    for (const [name, account] of this.#accounts) if (!this.#interest.wants(name)) account.interrupt()
    for (const name of this.#controlled) if (!this.#interest.wants(name)) this.#controlled.delete(name)
    this.#subscribe()
  }

  /**
   * Whether a publisher of its topics waits for its subscribers, by the proxy's statements: one that is behind stops to read,
   * rather than drop (docs/flow.md).
   */
  get isControlled(): boolean {
    return this.#controlled.size > 0
  }

  get connected(): boolean {
    return this.#connected
  }

  untilConnected(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.connected, options)
  }

  /** Takes no more messages: those that still arrive are ignored, and not counted. */
  stop(): void {
    this.#stopped = true
  }

  /** Takes in messages that have arrived already, and resolves once all are handled and the socket is closed. */
  async drain(options?: WaitOptions): Promise<void> {
    await this.#socket?.drain(options)
    this.close()
  }

  /** Closes the socket. Messages that have been read are still handed on, without waiting for their handlers. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#connected = false
    this.#socket?.close()
  }

  /** Tells the proxy which subscriptions have changed. */
  #subscribe(): void {
    this.#topics = this.#newTable()
    if (this.#socket === undefined) return
    const before = this.#subscribed
    const now = this.#interest.subscriptions
    this.#subscribed = now
    const gone = [...before].filter(prefix => !now.has(prefix)).flatMap(withAccounts)
    const added = [...now].filter(prefix => !before.has(prefix)).flatMap(withAccounts)
    if (gone.length > 0) this.#socket.unsubscribe(...gone.reverse())
    if (added.length > 0) this.#socket.subscribe(...added)
  }

  #newTable(): TopicTable<KnownTopic | null> {
    return new TopicTable(name => (name === undefined ? null : this.#know(name)))
  }

  #onLink(event: LinkEvent): void {
    if (this.#closed) return
    this.#connected = event.type === 'connected'
    this.#controlled.clear()
    this.#options.onLink?.(event)
    this.#condition.notify()
  }

  #onMessage(message: MessageView): void | Promise<void> {
    if (this.#stopped) return
    const topic = this.#topics.find(message.topicBytes, message.topicStart, message.topicEnd)
    if (topic === null) {
      this.#receive(undefined, 0)
      return this.#lose('malformed', malformedTopic(message.topicLength))
    }
    if (!topic.wanted) {
      if (topic.about !== undefined) this.#account(topic.about, message.frame)
      return
    }
    const { frame } = message
    this.#receive(topic, payloadSize(frame))
    return this.#options.onMessage(frame, topic.name)
  }

  #onNoMessage({ first, longTopic, frames, bytes, oversize }: MalformedMessage): void {
    if (this.#stopped) return
    const topic = longTopic === undefined ? this.#topics.find(first) : null
    if (topic === null) {
      this.#receive(undefined, 0)
      return this.#lose('malformed', malformedTopic(longTopic ?? first.length))
    }
    if (!topic.wanted) return
    const size = bytes - first.length
    if (oversize && frames === 2) {
      this.#receive(topic, size)
      const limit = this.#options.bus.maxMessage
      return this.#lose('oversize', `${size} bytes under topic '${topic.name}', where ${limit} are allowed`)
    }
    this.#receive(undefined, size)
    this.#lose('malformed', wrongFrames(frames, topic.name))
  }

  /** Counts an arrival: under its topic too if it is a message. */
  #receive(topic: KnownTopic | undefined, size: number): void {
    count(this.#ledger.received, size)
    if (topic === undefined) return
    topic.tally ??= this.#ledger.topic(topic.name)
    count(topic.tally, size)
    if (topic.account !== undefined) topic.account.received += 1
  }

  #know(name: string): KnownTopic {
    const about = name.startsWith(ANNOUNCEMENT_PREFIX) ? name.slice(ANNOUNCEMENT_PREFIX.length) : undefined
    const wanted = about === undefined && this.#interest.wants(name)
    return { name, wanted, about, account: wanted ? this.#accountOf(name) : undefined, tally: undefined }
  }

  #accountOf(name: string): TopicAccount | undefined {
    let account = this.#accounts.get(name)
    if (account === undefined && this.#accounts.size < MAX_ACCOUNTS) {
      account = new TopicAccount(this.#interest.hasRemoved(name))
      this.#accounts.set(name, account)
    }
    return account
  }

  #account(name: string, frame: Buffer): void {
    const counts = this.#interest.wants(name) ? decodeCounts(frame) : undefined
    if (counts === undefined) return
    const account = this.#accountOf(name)
    if (counts.type === 'statement' && counts.isControlled && account !== undefined)
      this.#controlled.add(name)
    else this.#controlled.delete(name)
    const lost = account?.take(counts) ?? 0
    if (lost === 0) return
    this.#ledger.lose('bus', lost)
    this.#options.onLoss?.('bus', `published to '${name}' and did not arrive here`, lost)
  }

  /** Whether all losses are counted, for every topic that has had a message. */
  #isAccounted(): boolean {
    if (this.#accounts.size >= MAX_ACCOUNTS) return false
    for (const account of this.#accounts.values()) if (account.received > 0 && !account.isExact) return false
    return true
  }

  #lose(cause: LossCause, reason: string): void {
    this.#ledger.lose(cause)
    this.#options.onLoss?.(cause, reason)
  }
}

/** A prefix of topics, after that of their accounts, so that a topic's first message is in its account. */
function withAccounts(prefix: string): string[] {
  return [ANNOUNCEMENT_PREFIX + prefix, prefix]
}
