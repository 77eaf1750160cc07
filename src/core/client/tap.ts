import { apidOf, isSpacePacket } from '../ccsds/space-packet.ts'
import { timeAt } from '../clock.ts'
import type { CodecName, Decoded } from '../wire/codec.ts'
import { decodeFrame } from '../wire/codec.ts'
import { bytesOf, unwrap } from '../wire/payload.ts'
import type { Message } from '../message.ts'
import { checkFlag, checkFunction } from '../check.ts'
import { HANDLE_FRAME, ZMQInputClient, type ZMQInputClientOptions } from './zmq-input-client.ts'

/** A message as a tap meets it: its frame as it was on the wire, which is decoded only when somebody asks. */
export class TappedMessage implements Message {
  readonly time: bigint
  readonly topic: string
  readonly frame: Buffer
  /** When it was seen on the monotonic clock (`performance.now()`), in ms: what intervals are measured by. */
  readonly at: number
  readonly #how: CodecName | 'auto'
  #decoded: Decoded | undefined

  constructor(time: bigint, topic: string, frame: Buffer, how: CodecName | 'auto', at = performance.now()) {
    this.time = time
    this.at = at
    this.topic = topic
    this.frame = frame
    this.#how = how
  }

  get decoded(): Decoded {
    this.#decoded ??= decodeFrame(this.frame, this.#how)
    return this.#decoded
  }

  /** The bytes that the payload stands for: its own, or its text's UTF-8. Undefined for a value of another type. */
  get bytes(): Uint8Array | undefined {
    return bytesOf(this.decoded.payload)
  }

  /** Where a space packet would be: the payload's bytes, or those within a packet handler's `(uid, bytes)`. */
  get packet(): Uint8Array | undefined {
    return this.bytes ?? unwrap(this.decoded.payload)
  }

  /** The APID of its space packet; undefined where it can't be one. */
  get apid(): number | undefined {
    const { packet } = this
    return packet !== undefined && isSpacePacket(packet) ? apidOf(packet) : undefined
  }

  /** The size of the payload's bytes, or of the frame where the payload is another value. */
  get size(): number {
    return this.bytes?.length ?? this.frame.length
  }
}

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
    const at = performance.now()
    return this.#onMessage(new TappedMessage(timeAt(at), topic, frame, this.#how, at))
  }
}
