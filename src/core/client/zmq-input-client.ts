import { Subscriber } from '../bus/subscriber.ts'
import type { TopicSelection } from '../bus/topic-filter.ts'
import type { WaitOptions } from '../condition.ts'
import { DEFAULT_XPUB_URL } from '../endpoint.ts'
import { type CodecName, decodePayload } from '../wire/codec.ts'
import { payloadSize } from '../wire/payload-size.ts'
import { untilQuiet } from '../until-quiet.ts'
import { type CloseOptions, ZMQClient, type ZMQClientOptions } from './zmq-client.ts'

export interface ZMQInputClientOptions extends ZMQClientOptions, TopicSelection {
  /** The proxy's side for subscribers. Default `tcp://127.0.0.1:5560`. */
  readonly xpub?: string
  /** How payloads are read. Default `auto`: decided for each message. */
  readonly decoding?: CodecName | 'auto'
}

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

  constructor(options: ZMQInputClientOptions = {}) {
    super(options)
    this.#decoding = options.decoding ?? 'auto'
    this.#subscriber = new Subscriber({
      url: options.xpub ?? DEFAULT_XPUB_URL,
      topics: options.topics ?? [],
      prefixes: options.prefixes ?? [],
      except: options.except,
      ledger: this.ledger,
      carrier: options.carrier,
      maxMessage: this.maxMessage,
      onMessage: (frame, topic) => this.#onMessage(frame, topic),
      onLink: event => this.emit('link', { ...event, side: 'xpub' }),
      onLoss: (cause, reason, messages = 1) => this.emit('loss', { cause, reason, messages }),
    })
  }

  override async start(): Promise<void> {
    await super.start()
    await this.#subscriber.open()
  }

  override get isConnected(): boolean {
    return super.isConnected && this.#subscriber.connected
  }

  override async connected(options?: WaitOptions): Promise<void> {
    await Promise.all([super.connected(options), this.#subscriber.untilConnected(options)])
  }

  /** Takes no further message, from this one on: for a role that has what it wanted. */
  stopReading(): void {
    this.#subscriber.stop()
  }

  /** Handles what has arrived already, takes nothing more in, and sees it out. */
  override async drain(options?: WaitOptions): Promise<void> {
    await untilQuiet(() => this.ledger.received.messages)
    this.#subscriber.close()
    await this.#subscriber.untilIdle(options)
    await super.drain(options)
  }

  override async close(options?: CloseOptions): Promise<void> {
    this.#subscriber.close()
    await super.close(options)
  }

  /**
   * Called with the second frame of every message, before it is decoded. A subclass overrides this one instead of
   * `process` when it wants the bytes as they were on the wire.
   */
  protected onFrame(frame: Buffer, topic: string): void | Promise<void> {
    if (this.fits(frame, topic)) return this.process(decodePayload(frame, this.#decoding), topic)
  }

  /** Whether a payload is within `maxMessage`; one that is not is counted. */
  protected fits(frame: Buffer, topic: string): boolean {
    if (frame.length <= this.maxMessage) return true
    const size = payloadSize(frame)
    if (size <= this.maxMessage) return true
    this.lose('oversize', `${size} bytes under topic '${topic}', where ${this.maxMessage} are allowed`)
    return false
  }

  /** What a message's handler throws, or rejects with, is counted and ends nothing. */
  #onMessage(frame: Buffer, topic: string): void | Promise<void> {
    try {
      const result = this.onFrame(frame, topic)
      if (result !== undefined) return result.catch((error: unknown) => this.failed(error))
    } catch (error) {
      this.failed(error)
    }
  }
}
