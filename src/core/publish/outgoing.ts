import { GroundwireError } from '../errors.ts'
import type { WritableCodec } from '../wire/codec.ts'
import { encodePayload } from '../wire/encode-payload.ts'
import { encodeBin } from '../wire/msgpack-encode.ts'
import { type Payload, Tuple } from '../wire/payload.ts'

/** A message on its way to the bus. */
export interface Outgoing {
  /** Undefined for the topic that all of a publication's messages have. */
  readonly topic: string | undefined
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
  bytes(payload: Uint8Array, topic?: string): Outgoing {
    if (this.uid !== undefined || this.codec !== 'msgpack') return this.payload(payload, topic)
    this.#check(payload.length)
    return { topic, frame: encodeBin(payload), size: payload.length }
  }

  /**
   * @param codec instead of the encoder's own
   * @throws {GroundwireError} OVERSIZE, or NOT_ENCODABLE: what the codec has no form for, or has no bytes to wrap
   */
  payload(payload: Payload, topic?: string, codec: WritableCodec = this.codec): Outgoing {
    const bytes = payload instanceof Uint8Array ? payload : undefined
    if (bytes !== undefined) this.#check(bytes.length)
    if (this.uid === undefined) {
      const frame = encodePayload(payload, codec)
      return this.frame(frame, topic, bytes?.length ?? frame.length)
    }
    if (bytes === undefined) {
      throw new GroundwireError(
        'NOT_ENCODABLE',
        'a packet uid goes with a payload of bytes, and this is none',
      )
    }
    return { topic, frame: encodePayload(new Tuple([this.uid, bytes]), codec), size: bytes.length }
  }

  /** A message whose frame is there already. @throws {GroundwireError} OVERSIZE */
  frame(frame: Uint8Array, topic?: string, size: number = frame.length): Outgoing {
    this.#check(size)
    return { topic, frame, size }
  }

  #check(size: number): void {
    if (size <= this.maxMessage) return
    throw new GroundwireError(
      'OVERSIZE',
      `a message of ${size} bytes is over the limit of ${this.maxMessage}`,
      {
        hint: 'the limit is --max-message',
      },
    )
  }
}
