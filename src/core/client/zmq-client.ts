import { inspect } from 'node:util'
import { type Bus, type BusOptions, busOf } from '../bus/bus-options.ts'
import type { LinkEvent } from '../bus/link.ts'
import type { PublishedTopic } from '../bus/published-topic.ts'
import { Publisher } from '../bus/publisher.ts'
import type { WaitOptions } from '../condition.ts'
import type { ListenerOptions } from '../bus/subscriptions.ts'
import { GroundwireError, NotImplementedError, UsageError } from '../errors.ts'
import { Ledger, type Unheard } from '../ledger.ts'
import { ASSERT_OPEN, type BaseEvents, LOSE, PARTS, Role, WHILE_OPEN } from '../role.ts'
import type { WritableCodec } from '../wire/codec.ts'
import { encodePayload } from '../wire/encode-payload.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { isTopic, MAX_TOPIC } from '../wire/utf8.ts'
import type { Payload, PayloadInput } from '../wire/payload.ts'
import { checkOneOf, checkTopic, refuse } from '../check.ts'

/** A change of one of a role's connections to the proxy: `xsub` is the one it publishes through. */
export interface RoleLinkEvent extends LinkEvent {
  readonly side: 'xsub' | 'xpub'
}

/** Events of a role. Listening to them is optional. */
export interface RoleEvents extends BaseEvents {
  /** A connection to the proxy came, went, or was refused. */
  link: [RoleLinkEvent]
  /** A message was published to a topic that nobody asked for, for every one of them. */
  unheard: [Unheard]
}

/** Options of every client role: its name, how it encodes payloads, its ledger, and the way to its bus. */
export interface ZMQClientOptions extends BusOptions {
  /** The topic that `publish` uses unless it is given one. Default: the name of the class, as of AIT's plugins. */
  readonly name?: string
  /** How payloads are written. Default `msgpack`, as AIT 3 does. */
  readonly encoding?: WritableCodec
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
}

// Names that no subclass can use by accident; see role.ts.
/** Publishes a message whose second frame is there already. It is not counted as published. */
export const PUBLISH_FRAME: unique symbol = Symbol('publish frame')
/** Counts a message whose handling ended in an error. */
export const FAIL: unique symbol = Symbol('fail')
/** The bus that all connections of a role lead to. */
export const BUS: unique symbol = Symbol('bus')
/** The way to the bus. */
export const PUBLISHER: unique symbol = Symbol('publisher')

/**
 * A client of the bus that publishes: the base of AIT's four roles, as `ait.core.server.client.ZMQClient` is in AIT. See
 * {@link Role} for its life.
 */
export class ZMQClient extends Role<RoleEvents> {
  /** The largest payload that it takes or publishes, in bytes. */
  readonly maxMessage: number
  /** @internal */
  readonly [BUS]: Bus
  readonly #encoding: WritableCodec
  readonly #publisher: Publisher | undefined
  #ownTopic: PublishedTopic | undefined

  /** @throws {UsageError} for an option that is not of its form */
  constructor(options: ZMQClientOptions = {}) {
    super(nameOf(options, new.target.name), ledgerOf(options))
    checkOneOf('encoding', options.encoding, ['msgpack', 'raw'])
    const bus = busOf(options)
    this[BUS] = bus
    this.maxMessage = bus.maxMessage
    this.#encoding = options.encoding ?? 'msgpack'
    this.ledger.hasProcess = true
    const { xsub } = bus
    if (xsub === null) return
    const publisher = new Publisher({
      bus: { ...bus, xsub },
      ledger: this.ledger,
      onLink: event => this.emit('link', { ...event, side: 'xsub' }),
      onLoss: (cause, reason) => this.emit('loss', { cause, reason }),
      onUnheard: (topic, heardBefore) => this.emit('unheard', { topic, messages: 1, heardBefore }),
    })
    this.#publisher = publisher
    this[PARTS].push({
      open: () => publisher.open(),
      flush: wait => publisher.flush(wait),
      close: linger => publisher.close(linger),
    })
  }

  /** Whether the role is connected to its proxy now. */
  get isConnected(): boolean {
    return this.#publisher?.connected ?? true
  }

  /**
   * Resolves once the role is connected to its proxy.
   * @throws {GroundwireError} CLOSED, also when the role is closed meanwhile
   */
  async connected(options?: WaitOptions): Promise<void> {
    await this[WHILE_OPEN](async wait => this.#publisher?.untilConnected(wait), options)
  }

  /**
   * Publishes a message: bytes, text, or any other {@link PayloadInput}. Never waits. A message published before the role
   * has started is queued, as AIT's socket is open from the start.
   *
   * The ledger says what becomes of it: `sent`; `unheard`, when no subscriber has asked for the topic; `oversize`,
   * when it is over `maxMessage`; `malformed`, when the topic is over 1,024 bytes; `overflow`, when the bus could not take it
   * in time.
   * @param topic an arbitrary string; without one, or with an empty one, this client's name, as in AIT
   * @returns false when the queue to the bus is half full: whoever can wait does, with {@link writable}
   * @throws {GroundwireError} NOT_ENCODABLE, for what the codec has no form for; CLOSED; NO_PUBLISHER
   */
  publish(message: PayloadInput, topic?: string | null): boolean {
    this[ASSERT_OPEN]()
    const frame = encodePayload(message, this.#encoding)
    const size = message instanceof Uint8Array ? message.length : payloadSize(frame)
    const name = topic || this.name
    if (name !== this.name && typeof name !== 'string') refuse('topic', name, 'a text')
    this.#requirePublisher()
    this.ledger.published += 1
    return this[PUBLISH_FRAME](frame, name, size)
  }

  /** @internal */
  [PUBLISH_FRAME](frame: Uint8Array, topic: string, size: number): boolean {
    this[ASSERT_OPEN]()
    const publisher = this.#requirePublisher()
    if (topic !== this.name && !isTopic(topic)) {
      this[LOSE]('malformed', `a topic to publish to that is not UTF-8 of at most ${MAX_TOPIC} bytes`)
      return true
    }
    if (size > this.maxMessage) {
      this[LOSE]('oversize', `${size} bytes for topic '${topic}', where ${this.maxMessage} are allowed`)
      return true
    }
    if (topic === this.name) {
      this.#ownTopic ??= publisher.topic(topic)
      return publisher.send(this.#ownTopic, frame, size)
    }
    return publisher.send(publisher.topic(topic), frame, size)
  }

  /**
   * Called with what comes in: see the roles that take something in. When it returns a promise, the message is in hand until
   * that has settled; any other value that it returns is ignored. The default throws, as AIT's does.
   * @throws {NotImplementedError} always
   */
  process(_input: Payload, _topic?: string): unknown {
    throw new NotImplementedError(this.constructor.name)
  }

  /**
   * Whether a subscriber has asked for a topic; with `exact`, one that asked for everything does not count.
   * @throws {GroundwireError} NO_PUBLISHER
   */
  hears(topic?: string | null, options?: ListenerOptions): boolean {
    return this.#requirePublisher().hears(topic || this.name, options)
  }

  /**
   * Resolves once a subscriber has asked for a topic: what is published from then on is delivered.
   * @throws {GroundwireError} CLOSED, also when the role is closed meanwhile; NO_PUBLISHER
   */
  async heard(topic?: string | null, options?: WaitOptions & ListenerOptions): Promise<void> {
    const publisher = this.#requirePublisher()
    await this[WHILE_OPEN](
      wait => publisher.untilHeard(topic || this.name, { ...options, signal: wait.signal }),
      options,
    )
  }

  /**
   * Resolves once the queue to the bus has room again.
   * @throws {GroundwireError} CLOSED, also when the role is closed meanwhile
   */
  async writable(options?: WaitOptions): Promise<void> {
    await this[WHILE_OPEN](async wait => this.#publisher?.untilWritable(wait), options)
  }

  /** @internal */
  [FAIL](error: unknown): void {
    const thrown = typeof error === 'string' ? error : inspect(error)
    this[LOSE]('failed', error instanceof Error ? error.message : thrown, { error })
  }

  /** @internal */
  get [PUBLISHER](): Publisher {
    return this.#requirePublisher()
  }

  #requirePublisher(): Publisher {
    if (this.#publisher !== undefined) return this.#publisher
    throw new GroundwireError(
      'NO_PUBLISHER',
      `${this.name} was made without an xsub URL, so it can't publish to the bus`,
    )
  }
}

function nameOf({ name }: ZMQClientOptions, className: string): string {
  if (name === undefined) return className || 'anonymous'
  checkTopic('name', name)
  if (name === '') refuse('name', name, 'a topic that is not empty')
  return name
}

function ledgerOf({ ledger }: ZMQClientOptions): Ledger | undefined {
  if (ledger !== undefined && !(ledger instanceof Ledger)) throw new UsageError('ledger is not a Ledger')
  return ledger
}
