import { GroundwireError } from '../errors.ts'
import type { WritableCodec } from '../wire/codec.ts'
import { encodePayload } from '../wire/encode-payload.ts'
import { encodeBin } from '../wire/msgpack-encode.ts'
import { type Payload, Tuple } from '../wire/payload.ts'

/** The origin of a message, where its input tells. */
export interface Origin {
  /** Undefined for the topic that all of a publication's messages have. */
  readonly topic?: string | undefined
  /** When the message was seen, in nanoseconds since 1970-01-01T00:00:00Z. */
  readonly time?: bigint | undefined
}

/** A message on its way to the bus. */
export interface Outgoing extends Origin {
  /** The second frame, as it will stand on the wire. */
  readonly frame: Uint8Array
  /** Bytes of the payload; those of the frame where the payload is another value than bytes. */
  readonly size: number
}

/** Takes the bytes of an input in chunks of any size, and gives the messages that stand in it. */
export interface MessageParser {
  /** @throws {FormatError} from the iterator, after every message before it */
  push(chunk: Buffer): Iterable<Outgoing>
  /** Says that the input is over. @throws {FormatError} from the iterator, where it ends in the middle of a message */
  end(): Iterable<Outgoing>
}

export interface EncoderOptions {
  /** Default `msgpack`. */
  readonly codec?: WritableCodec | undefined
  /** Wraps payloads of bytes in the tuple `(uid, bytes)`, as AIT's packet handlers publish them. */
  readonly uid?: number | undefined
  /** The largest payload, in bytes. */
  readonly maxMessage: number
}

/** Makes messages out of payloads. */
export class Encoder {
  readonly codec: WritableCodec
  readonly uid: number | undefined
  readonly maxMessage: number

  constructor({ codec = 'msgpack', uid, maxMessage }: EncoderOptions) {
    this.codec = codec
    this.uid = uid
    this.maxMessage = maxMessage
  }

  /** @throws {GroundwireError} OVERSIZE */
  bytes(payload: Uint8Array, origin: Origin = NOWHERE): Outgoing {
    if (this.uid !== undefined || this.codec !== 'msgpack') return this.payload(payload, origin)
    this.#check(payload.length)
    return outgoing(encodeBin(payload), payload.length, origin)
  }

  /**
   * @param codec instead of the encoder's own
   * @throws {GroundwireError} OVERSIZE, or NOT_ENCODABLE: the codec has no form for the payload, or there are no bytes to wrap
   */
  payload(payload: Payload, origin: Origin = NOWHERE, codec: WritableCodec = this.codec): Outgoing {
    const bytes = payload instanceof Uint8Array ? payload : undefined
    if (bytes !== undefined) this.#check(bytes.length)
    if (this.uid === undefined) {
      const frame = encodePayload(payload, codec)
      return this.frame(frame, origin, bytes?.length ?? frame.length)
    }
    if (bytes === undefined) {
      throw new GroundwireError('NOT_ENCODABLE', 'a packet uid goes with a payload of bytes only')
    }
    return outgoing(encodePayload(new Tuple([this.uid, bytes]), codec), bytes.length, origin)
  }

  /** A message whose frame is there already. @throws {GroundwireError} OVERSIZE */
  frame(frame: Uint8Array, origin: Origin = NOWHERE, size: number = frame.length): Outgoing {
    this.#check(size)
    return outgoing(frame, size, origin)
  }

  #check(size: number): void {
    if (size <= this.maxMessage) return
    throw new GroundwireError(
      'OVERSIZE',
      `a message of ${size} bytes is over the limit of ${this.maxMessage}`,
    )
  }
}

const NOWHERE: Origin = {}

function outgoing(frame: Uint8Array, size: number, { topic, time }: Origin): Outgoing {
  return { topic, time, frame, size }
}
