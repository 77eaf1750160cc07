import { ByteWindow } from '../byte-window.ts'
import {
  MAX_PACKET_LENGTH,
  MIN_PACKET_LENGTH,
  PRIMARY_HEADER_LENGTH,
  packetLengthOf,
} from '../ccsds/space-packet.ts'
import { FormatError, UsageError } from '../errors.ts'
import type { Deframer } from './deframer.ts'

/** Limits of a {@link PacketSplitter}. */
export interface PacketSplitterOptions {
  /** Longest packet to accept, in bytes. Default 65,542, the longest possible. */
  readonly maxMessage?: number
}

/**
 * Splits a stream of bytes into the space packets that follow one another in it, as in a `.tlm` file: each says its own
 * length (CCSDS 133.0-B-2, 4.1.3.5).
 *
 *     for await (const chunk of file) for (const packet of splitter.push(chunk)) publish(packet)
 *     splitter.end()
 *
 * There is no sync word to find the way back by, so bytes that can't be a packet end it for good. Idle packets are given
 * like any other. Memory stays within one chunk and one packet.
 */
export class PacketSplitter implements Deframer {
  readonly #bytes = new ByteWindow()
  readonly #maxMessage: number
  #failure: FormatError | undefined

  /** @throws {UsageError} if `maxMessage` is below the shortest packet */
  constructor(options: PacketSplitterOptions = {}) {
    const { maxMessage = MAX_PACKET_LENGTH } = options
    if (!(maxMessage >= MIN_PACKET_LENGTH)) {
      throw new UsageError(
        `a space packet has at least ${MIN_PACKET_LENGTH} bytes, the limit is ${maxMessage}`,
      )
    }
    this.#maxMessage = maxMessage
  }

  /** Bytes returned as packets so far: the offset of the next packet. */
  get offset(): number {
    return this.#bytes.offset
  }

  /** Bytes that have come and are in no packet yet. */
  get held(): number {
    return this.#bytes.length
  }

  /**
   * Takes the next bytes of the stream, any number, and returns an iterator over the packets that they complete.
   *
   * A packet is a view of `chunk` where it lies within it, else a copy. A packet that is not drawn from the iterator comes
   * with the next call.
   *
   * @throws {FormatError} from the iterator, after all packets before the fault: `MALFORMED` for a version other than
   *   0, `OVERSIZE` for a length field over the limit. Later calls throw the same error.
   */
  push(chunk: Uint8Array): IterableIterator<Uint8Array> {
    if (!this.#failure) this.#bytes.push(chunk)
    return this.#packets()
  }

  /**
   * Ends the stream, once all packets are drawn.
   * @returns nothing further: there are no partial packets
   * @throws {FormatError} `TRUNCATED`, at once, where a packet has begun and not ended
   */
  end(): readonly Uint8Array[] {
    if (this.#failure) throw this.#failure
    const { offset, length } = this.#bytes
    if (length === 0) return []
    const header = this.#bytes.peek(PRIMARY_HEADER_LENGTH)
    const whole = header ? `${packetLengthOf(header)}` : `at least ${MIN_PACKET_LENGTH}`
    throw new FormatError('TRUNCATED', `the last space packet has ${length} of ${whole} bytes`, offset)
  }

  *#packets(): Generator<Uint8Array, void, undefined> {
    if (this.#failure) throw this.#failure
    const bytes = this.#bytes
    for (let header = bytes.peek(PRIMARY_HEADER_LENGTH); header; header = bytes.peek(PRIMARY_HEADER_LENGTH)) {
      const length = this.#checkedLength(header)
      const packet = bytes.peek(length)
      if (!packet) return
      bytes.skip(length)
      yield packet
    }
  }

  #checkedLength(header: Uint8Array): number {
    const version = (header[0] as number) >> 5
    if (version !== 0) this.#fail('MALFORMED', `a space packet has version 0, not ${version}`)
    const length = packetLengthOf(header)
    if (length > this.#maxMessage) {
      this.#fail('OVERSIZE', `a space packet of ${length} bytes is over the limit of ${this.#maxMessage}`)
    }
    return length
  }

  #fail(code: 'MALFORMED' | 'OVERSIZE', message: string): never {
    this.#failure = new FormatError(code, message, this.offset)
    throw this.#failure
  }
}
