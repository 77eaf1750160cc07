import { EventEmitter } from 'node:events'
import { PUBLISH_QUEUE, type QueueLimits } from '../bounded-queue.ts'
import type { CarrierName } from '../bus/carrier.ts'
import type { LinkEvent } from '../bus/link.ts'
import type { PublishedTopic } from '../bus/published-topic.ts'
import { Publisher } from '../bus/publisher.ts'
import type { WaitOptions } from '../condition.ts'
import type { ListenerOptions } from '../bus/subscriptions.ts'
import { DEFAULT_XSUB_URL } from '../endpoint.ts'
import { GroundwireError, NotImplementedError } from '../errors.ts'
import { count, Ledger, type Loss, type LossCause, type Unheard } from '../ledger.ts'
import type { WritableCodec } from '../wire/codec.ts'
import { encodePayload } from '../wire/encode-payload.ts'
import { payloadSize } from '../wire/payload-size.ts'
import type { Payload, PayloadInput } from '../wire/payload.ts'

/** The largest payload that a role takes or publishes unless told otherwise, in bytes: 1 MiB. */
export const DEFAULT_MAX_MESSAGE = 1024 * 1024

/** A change of one of a role's connections to the proxy: `xsub` is the one it publishes through. */
export interface RoleLinkEvent extends LinkEvent {
  readonly side: 'xsub' | 'xpub'
}

/** What a role tells whoever listens; none of these has to be listened to. */
export interface RoleEvents {
  /** A connection to the proxy came, went, or was refused. */
  link: [RoleLinkEvent]
  /** A message was lost, for every one of them: a listener that writes has to thin them out. */
  loss: [Loss]
  /** Messages were published that nobody has asked for: a listener that writes has to thin these out too. */
  unheard: [Unheard]
}

export interface ZMQClientOptions {
  /** The topic that `publish` uses unless it is given one. Default: the name of the class, as of AIT's plugins. */
  readonly name?: string
  /** The proxy's side for publishers, or null for a role that never publishes. Default `tcp://127.0.0.1:5559`. */
  readonly xsub?: string | null
  /** What speaks ZMTP to the proxy: groundwire's own `zmtp`, or `libzmq`. Default `zmtp`. */
  readonly carrier?: CarrierName | undefined
  /** How payloads are written. Default `msgpack`, as AIT 3 does. */
  readonly encoding?: WritableCodec
  /** The largest payload that is published, in bytes; a larger one is counted as oversize. Default 1 MiB. */
  readonly maxMessage?: number
  /**
   * What is held while the bus can't take it. Default 65,536 messages or 32 MiB, and in any case two messages of the
   * largest size; the oldest go first.
   */
  readonly queue?: QueueLimits
  /** Messages on their way to the proxy that the system has not taken, whatever their size. Default 1,000. */
  readonly pipe?: number
  /** The account to keep. Default: one of its own. */
  readonly ledger?: Ledger
}

export interface CloseOptions {
  /** How long what is on its way may go on going out, after the promise has resolved, in ms. Default 0. */
  readonly linger?: number
}

/**
 * A client of the bus that publishes: the base of all roles, as `ait.core.server.client.ZMQClient` is in AIT.
 *
 * A role is made, started, drained (it takes nothing more in, and what it has in hand goes out) and closed. Its ledger
 * accounts for every message that it met.
 */
export class ZMQClient extends EventEmitter<RoleEvents> {
  readonly name: string
  readonly ledger: Ledger
  readonly maxMessage: number
  readonly #encoding: WritableCodec
  readonly #publisher: Publisher | undefined
  #ownTopic: PublishedTopic | undefined

  constructor(options: ZMQClientOptions = {}) {
    super()
    this.name = options.name ?? new.target.name
    this.ledger = options.ledger ?? new Ledger(this.name)
    this.maxMessage = options.maxMessage ?? DEFAULT_MAX_MESSAGE
    this.#encoding = options.encoding ?? 'msgpack'
    const url = options.xsub === undefined ? DEFAULT_XSUB_URL : options.xsub
    if (url !== null) {
      this.#publisher = new Publisher({
        url,
        ledger: this.ledger,
        carrier: options.carrier,
        queue: fitting(options.queue ?? PUBLISH_QUEUE, this.maxMessage),
        pipe: options.pipe,
        onLink: event => this.emit('link', { ...event, side: 'xsub' }),
        onLoss: (cause, reason) => this.emit('loss', { cause, reason }),
      })
    }
  }

  /**
   * Opens the role's sockets. Resolves as soon as they are open: the proxy need not be there yet, and is waited for
   * with {@link connected}.
   * @throws {UsageError} for a URL that is none
   */
  async start(): Promise<void> {
    await this.#publisher?.open()
  }

  /** Whether the role is connected to its proxy now. */
  get isConnected(): boolean {
    return this.#publisher?.connected ?? true
  }

  /** Resolves once the role is connected to its proxy. */
  async connected(options?: WaitOptions): Promise<void> {
    await this.#publisher?.untilConnected(options)
  }

  /**
   * Publishes a message: bytes, text, or any other {@link PayloadInput}. Never waits.
   *
   * What becomes of it stands in the ledger: `sent`; `unheard`, when no subscriber has asked for the topic; `oversize`,
   * when it is over `maxMessage`; `overflow`, when the bus could not take it in time.
   * @param topic an arbitrary string; by default this client's name, as in AIT
   * @returns false when the queue to the bus is half full: whoever can wait does, with {@link writable}
   * @throws {GroundwireError} NOT_ENCODABLE, for what the codec has no form for
   */
  publish(message: PayloadInput, topic: string = this.name): boolean {
    const frame = encodePayload(message, this.#encoding)
    return this.publishFrame(
      frame,
      topic,
      message instanceof Uint8Array ? message.length : payloadSize(frame),
    )
  }

  /**
   * Publishes a message whose second frame is there already, as {@link publish} does.
   * @param size the bytes of its payload
   */
  protected publishFrame(frame: Uint8Array, topic: string, size: number): boolean {
    const { publisher } = this
    if (size > this.maxMessage) {
      this.lose('oversize', `${size} bytes for topic '${topic}', where ${this.maxMessage} are allowed`)
      return true
    }
    if (topic === this.name) {
      this.#ownTopic ??= publisher.topic(topic)
      return publisher.send(this.#ownTopic, frame, size)
    }
    return publisher.send(publisher.topic(topic), frame, size)
  }

  /**
   * Called with what comes in: see the roles that take something in. The default throws, as AIT's does.
   * @throws {NotImplementedError} always
   */
  process(_input: Payload, _topic?: string): void | Promise<void> {
    throw new NotImplementedError(this.constructor.name)
  }

  /** Whether a subscriber has asked for a topic; with `exact`, one that asked for everything does not count. */
  hears(topic: string = this.name, options?: ListenerOptions): boolean {
    return this.publisher.hears(topic, options)
  }

  /** Resolves once a subscriber has asked for a topic: what is published from then on is delivered. */
  heard(topic: string = this.name, options?: WaitOptions & ListenerOptions): Promise<void> {
    return this.publisher.untilHeard(topic, options)
  }

  /** Resolves once the queue to the bus has room again. */
  async writable(options?: WaitOptions): Promise<void> {
    await this.#publisher?.untilWritable(options)
  }

  /** Takes nothing more in, and resolves once all that was in hand has gone out or is accounted for. */
  async drain(options?: WaitOptions): Promise<void> {
    await this.#publisher?.flush(options)
  }

  /** Closes the role's sockets. What is still in hand is counted as undeliverable. */
  async close({ linger = 0 }: CloseOptions = {}): Promise<void> {
    this.#publisher?.close(linger)
    this.ledger.stopped ??= new Date()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Counts a message as lost, and tells whoever listens. */
  protected lose(cause: LossCause, reason: string, error?: unknown): void {
    this.ledger.lose(cause)
    this.emit('loss', error === undefined ? { cause, reason } : { cause, reason, error })
  }

  /** Counts a message whose handling ended in an error. */
  protected failed(error: unknown): void {
    this.lose('failed', error instanceof Error ? error.message : String(error), error)
  }

  /** Counts a message that came in. */
  protected took(bytes: number): void {
    count(this.ledger.received, bytes)
  }

  /** @internal */
  protected get publisher(): Publisher {
    if (this.#publisher === undefined) {
      throw new GroundwireError(
        'CLOSED',
        `${this.name} was made without an xsub URL, so it can't publish to the bus`,
      )
    }
    return this.#publisher
  }
}

/** A message that a role may publish must never be too large for its queue, nor push out the one before it. */
function fitting({ messages, bytes }: QueueLimits, maxMessage: number): QueueLimits {
  return { messages, bytes: Math.max(bytes, 2 * maxMessage) }
}
