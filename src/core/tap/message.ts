import { apidOf, isSpacePacket } from '../ccsds/space-packet.ts'
import { timeAt } from '../clock.ts'
import type { Message } from '../message.ts'
import { type CodecName, type Decoded, decodeFrame } from '../wire/codec.ts'
import { bytesOf, unwrap } from '../wire/payload.ts'

/** A message that was seen on the bus. It holds the frame as it was on the wire, and decodes it when somebody asks. */
export class TappedMessage implements Message {
  readonly time: bigint
  readonly topic: string
  readonly frame: Buffer
  /** The time at which it was seen on the monotonic clock (`performance.now()`), in ms. Intervals are measured by this. */
  readonly at: number
  readonly #how: CodecName | 'auto'
  #decoded: Decoded | undefined

  /** @param how how its frame is to be read */
  constructor(time: bigint, topic: string, frame: Buffer, how: CodecName | 'auto', at = performance.now()) {
    this.time = time
    this.at = at
    this.topic = topic
    this.frame = frame
    this.#how = how
  }

  /** A message that is seen at this moment. */
  static seenNow(topic: string, frame: Buffer, how: CodecName | 'auto' = 'auto'): TappedMessage {
    const at = performance.now()
    return new TappedMessage(timeAt(at), topic, frame, how, at)
  }

  /** The frame, decoded. It is decoded once. */
  get decoded(): Decoded {
    this.#decoded ??= decodeFrame(this.frame, this.#how)
    return this.#decoded
  }

  /** The bytes that the payload stands for: its own, or its text's UTF-8. Undefined for a value of another type. */
  get bytes(): Uint8Array | undefined {
    return bytesOf(this.decoded.payload)
  }

  /** The bytes of a space packet, if it is one: the payload's, or those within a packet handler's `(uid, bytes)`. */
  get packet(): Uint8Array | undefined {
    return this.bytes ?? unwrap(this.decoded.payload)
  }

  /** The APID of its space packet. Undefined where it can't be one. */
  get apid(): number | undefined {
    const { packet } = this
    return packet !== undefined && isSpacePacket(packet) ? apidOf(packet) : undefined
  }

  /** The size of the payload's bytes, or of the frame where the payload is another value. */
  get size(): number {
    return this.bytes?.length ?? this.frame.length
  }
}
