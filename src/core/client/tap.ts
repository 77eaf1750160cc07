import { checkFlag, checkFunction } from '../check.ts'
import { TappedMessage } from '../tap/message.ts'
import type { CodecName } from '../wire/codec.ts'
import { HANDLE_FRAME, ZMQInputClient, type ZMQInputClientOptions } from './zmq-input-client.ts'

/** Options of a {@link Tap}: its topics and its listener. It publishes nothing, so nothing sets that up. */
export interface TapOptions extends Omit<ZMQInputClientOptions, 'xsub' | 'encoding' | 'queue'> {
  /** Called with every message, one at a time: a promise that it returns is waited for. One that it throws at is `failed`. */
  readonly onMessage: (message: TappedMessage) => unknown
  /**
   * Whether `onMessage` accounts for each message by itself: as `ledger.sent`, `ledger.filtered` or a loss. Default false: what it
   * has taken is `processed`.
   */
  readonly accounts?: boolean
}

/** Watches the bus: the role of `groundwire tap`. It has no publishing socket. */
export class Tap extends ZMQInputClient {
  readonly #onMessage: (message: TappedMessage) => unknown
  readonly #how: CodecName | 'auto'

  /** @throws {UsageError} for an option that is not of its form */
  constructor(options: TapOptions) {
    super({ ...options, xsub: null })
    checkFunction('onMessage', options?.onMessage)
    checkFlag('accounts', options.accounts)
    this.ledger.hasProcess = options.accounts !== true
    this.#onMessage = options.onMessage
    this.#how = options.decoding ?? 'auto'
  }

  /** @internal */
  override [HANDLE_FRAME](frame: Buffer, topic: string): unknown {
    return this.#onMessage(TappedMessage.seenNow(topic, frame, this.#how))
  }
}
