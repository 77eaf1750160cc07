import { Subscriber } from '../bus/subscriber.ts'
import type { TopicChange, TopicSelection } from '../bus/topic-filter.ts'
import type { WaitOptions } from '../condition.ts'
import { GroundwireError } from '../errors.ts'
import { LEFT_IN_HAND } from '../ledger.ts'
import { ASSERT_OPEN, LOSE, PARTS, STATE, WHILE_OPEN } from '../role.ts'
import { type CodecName, decodePayload } from '../wire/codec.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { checkOneOf, checkSelection, checkTopic } from '../check.ts'
import { Handling } from './handling.ts'
import { BUS, FAIL, ZMQClient, type ZMQClientOptions } from './zmq-client.ts'

/** Options of a {@link ZMQInputClient}: its topics, how it decodes payloads, and those of every client. */
export interface ZMQInputClientOptions extends ZMQClientOptions, TopicSelection {
  /** How payloads are read. Default `auto`: decided for each message. */
  readonly decoding?: CodecName | 'auto'
}

/** A topic, or all topics that begin with a prefix. */
export type TopicOrPrefix = string | { readonly prefix: string }

/** Handles the second frame of every message, before it is decoded. A name that no subclass can use by accident; see role.ts. */
export const HANDLE_FRAME: unique symbol = Symbol('handle frame')

/**
 * Asked while a publisher waits for its subscribers: a promise until the role has room for the next message; undefined if it has
 * now. It must not reject.
 */
export const ROOM: unique symbol = Symbol('room')

/**
 * A client that subscribes, and calls `process(message, topic)` for every message: AIT's `ZMQInputClient`.
 *
 * `topics` are exact and `prefixes` take all that begins with them; without either, everything comes. Messages come in
 * order, one at a time: the next one waits while a promise that `process` returned is pending. An error of `process`
 * is counted (`failed`) and told by a `loss` event; the role goes on with the next message.
 */
export class ZMQInputClient extends ZMQClient {
  readonly #subscriber: Subscriber
  readonly #decoding: CodecName | 'auto'
  readonly #handling: Handling<Buffer, string>

  /** @throws {UsageError} for an option that is not of its form */
  constructor(options: ZMQInputClientOptions = {}) {
    super(options)
    const { decoding = 'auto', topics = [], prefixes = [], except } = options
    checkSelection(options)
    checkOneOf('decoding', decoding, ['auto', 'msgpack', 'pickle', 'raw'])
    const handling = new Handling<Buffer, string>(
      this.ledger,
      (frame, topic) => this[HANDLE_FRAME](frame, topic),
      {
        onFailed: error => this[FAIL](error),
        onLeft: messages => this[LOSE]('undeliverable', LEFT_IN_HAND, { messages }),
      },
    )
    const subscriber = new Subscriber({
      bus: this[BUS],
      topics,
      prefixes,
      except,
      ledger: this.ledger,
      onMessage: (frame, topic) => this.#onMessage(frame, topic),
      onLink: event => this.emit('link', { ...event, side: 'xpub' }),
      onLoss: (cause, reason, messages = 1) => this.emit('loss', { cause, reason, messages }),
    })
    this.#decoding = decoding
    this.#handling = handling
    this.#subscriber = subscriber
    this[PARTS].push({
      open: () => subscriber.open(),
      settle: wait => {
        handling.end()
        return subscriber.drain(wait)
      },
      close: () => {
        handling.close()
        subscriber.close()
      },
    })
  }

  override get isConnected(): boolean {
    return super.isConnected && this.#subscriber.connected
  }

  override async connected(options?: WaitOptions): Promise<void> {
    await super.connected(options)
    await this[WHILE_OPEN](wait => this.#subscriber.untilConnected(wait), options)
  }

  /**
   * Asks for further topics: exact ones, and prefixes, `{ prefix: 'sat1/' }`. A role that was made without any takes everything,
   * which is `{ prefix: '' }`, and goes on doing so until it is unsubscribed from that.
   * @throws {UsageError} for what is no topic
   * @throws {GroundwireError} CLOSED, also for a role that drains
   */
  subscribe(...topics: readonly TopicOrPrefix[]): void {
    this.#assertReading()
    this.#subscriber.add(changeOf(topics))
  }

  /**
   * Asks for topics no longer, exact ones and prefixes, as they were subscribed: no message of theirs comes any more, but those
   * that another subscription of this role asks for.
   * @throws {UsageError} for what is no topic
   * @throws {GroundwireError} CLOSED, also for a role that drains
   */
  unsubscribe(...topics: readonly TopicOrPrefix[]): void {
    this.#assertReading()
    this.#subscriber.remove(changeOf(topics))
  }

  /** Takes no further message, from this one on: for a role that has what it wanted. */
  stopReading(): void {
    this.#subscriber.stop()
  }

  /** @internal */
  [HANDLE_FRAME](frame: Buffer, topic: string): unknown {
    return this.process(decodePayload(frame, this.#decoding), topic)
  }

  /** @internal */
  [ROOM](): Promise<void> | undefined {
    return undefined
  }

  #onMessage(frame: Buffer, topic: string): void | Promise<void> {
    if (frame.length > this.maxMessage) {
      const size = payloadSize(frame)
      if (size > this.maxMessage) {
        const limit = `where ${this.maxMessage} are allowed`
        return this[LOSE]('oversize', `${size} bytes under topic '${topic}', ${limit}`)
      }
    }
    const handled = this.#handling.hand(frame, topic)
    return handled ?? (this.#subscriber.isControlled ? this[ROOM]() : undefined)
  }

  #assertReading(): void {
    this[ASSERT_OPEN]()
    if (this[STATE] === 'draining')
      throw new GroundwireError('CLOSED', `${this.name} takes nothing more in: it drains`)
  }
}

function changeOf(all: readonly TopicOrPrefix[]): TopicChange {
  const topics: string[] = []
  const prefixes: string[] = []
  for (const item of all) {
    const isPrefix = typeof item === 'object' && item !== null
    checkTopic(isPrefix ? 'prefix' : 'topic', isPrefix ? item.prefix : item)
    if (isPrefix) prefixes.push(item.prefix)
    else topics.push(item)
  }
  return { topics, prefixes }
}
