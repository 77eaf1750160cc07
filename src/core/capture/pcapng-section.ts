import type { CapturedPacket } from './captured-packet.ts'
import { BLOCK_BODY, BlockType, Option, padded } from './pcapng-block.ts'
import { type CaptureInterface, type Clock, clockOf, readOptions } from './pcapng-options.ts'

interface Interface extends CaptureInterface {
  dropped: number | undefined
  readonly clock: Clock
}

/** Offset of the data in an enhanced packet block, and in the obsolete one. */
const PACKET_DATA = BLOCK_BODY + 20
const SIMPLE_PACKET_DATA = BLOCK_BODY + 4

/**
 * Interprets the blocks of one section of a pcapng file (draft-ietf-opsawg-pcapng, section 4). It takes whole blocks
 * whose lengths are right, and returns a packet, nothing, or a sentence that names the block's fault.
 */
export class PcapngSection {
  readonly littleEndian: boolean
  readonly interfaces: Interface[] = []
  readonly #scratch = new DataView(new ArrayBuffer(8))

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian
  }

  read(block: DataView): CapturedPacket | string | undefined {
    switch (block.getUint32(0, this.littleEndian)) {
      case BlockType.ENHANCED_PACKET:
        return this.#packet(block, block.byteLength < PACKET_DATA + 4 ? 0 : this.#uint32(block, BLOCK_BODY))
      case BlockType.PACKET:
        return this.#packet(block, block.byteLength < PACKET_DATA + 4 ? 0 : this.#uint16(block, BLOCK_BODY))
      case BlockType.SIMPLE_PACKET:
        return this.#simplePacket(block)
      case BlockType.INTERFACE:
        return this.#interface(block)
      case BlockType.INTERFACE_STATISTICS:
        return this.#statistics(block)
      case BlockType.SECTION_HEADER:
        return this.#header(block)
      default:
        return undefined
    }
  }

  #header(block: DataView): string | undefined {
    if (block.byteLength < BLOCK_BODY + 20) return 'a section header block is too short'
    const major = this.#uint16(block, BLOCK_BODY + 4)
    return major === 1 ? undefined : `pcapng has version 1, not ${major}`
  }

  #interface(block: DataView): string | undefined {
    if (block.byteLength < BLOCK_BODY + 12) return 'an interface description block is too short'
    const options = this.#options(block, BLOCK_BODY + 8)
    if (!options) return 'an option overruns its interface description block'
    const name = options.get(Option.INTERFACE_NAME)
    const offset = options.get(Option.INTERFACE_TIME_OFFSET)
    const seconds = offset?.length === 8 ? this.#uint64(offset) : 0n
    this.interfaces.push({
      topic: name ? utf8(name) : `interface ${this.interfaces.length}`,
      linkType: this.#uint16(block, BLOCK_BODY),
      snapLength: this.#uint32(block, BLOCK_BODY + 4),
      dropped: undefined,
      clock: clockOf(options.get(Option.INTERFACE_TIME_RESOLUTION)?.[0], BigInt.asIntN(64, seconds)),
    })
    return undefined
  }

  /** An enhanced packet block or an obsolete one. Only the interface's number stands at a different place. */
  #packet(block: DataView, id: number): CapturedPacket | string {
    if (block.byteLength < PACKET_DATA + 4) return 'a packet block is too short'
    const from = this.interfaces[id]
    if (!from) return `a packet is from interface ${id}, which is not described`
    const length = this.#uint32(block, BLOCK_BODY + 12)
    if (length > block.byteLength - 4 - PACKET_DATA) return 'a packet overruns its block'
    const packet = {
      time: from.clock(this.#timestamp(block, BLOCK_BODY + 4)),
      topic: from.topic,
      linkType: from.linkType,
      data: new Uint8Array(block.buffer, block.byteOffset + PACKET_DATA, length),
      originalLength: this.#uint32(block, BLOCK_BODY + 16),
    }
    const options = this.#options(block, PACKET_DATA + padded(length))
    if (!options) return 'an option overruns its packet block'
    const comment = options.get(Option.COMMENT)
    return comment ? { ...packet, comment: utf8(comment) } : packet
  }

  /** A simple packet block. It has no time and no captured length, and belongs to the first interface (section 4.4). */
  #simplePacket(block: DataView): CapturedPacket | string {
    if (block.byteLength < SIMPLE_PACKET_DATA + 4) return 'a simple packet block is too short'
    const from = this.interfaces[0]
    if (!from) return 'a simple packet block comes before any interface'
    const originalLength = this.#uint32(block, BLOCK_BODY)
    const length = from.snapLength === 0 ? originalLength : Math.min(originalLength, from.snapLength)
    if (length > block.byteLength - 4 - SIMPLE_PACKET_DATA) return 'a packet overruns its block'
    const data = new Uint8Array(block.buffer, block.byteOffset + SIMPLE_PACKET_DATA, length)
    return { time: 0n, topic: from.topic, linkType: from.linkType, data, originalLength }
  }

  #statistics(block: DataView): string | undefined {
    if (block.byteLength < BLOCK_BODY + 16) return 'an interface statistics block is too short'
    const of = this.interfaces[this.#uint32(block, BLOCK_BODY)]
    const options = this.#options(block, BLOCK_BODY + 12)
    if (!options) return 'an option overruns its interface statistics block'
    const dropped = options.get(Option.STATISTICS_DROPPED)
    if (of && dropped?.length === 8) of.dropped = Number(this.#uint64(dropped))
    return undefined
  }

  #options(block: DataView, from: number): ReadonlyMap<number, Uint8Array> | undefined {
    const to = block.byteLength - 4
    return to - from < 4 ? NO_OPTIONS : readOptions(block, from, to, this.littleEndian)
  }

  #uint16(view: DataView, at: number): number {
    return view.getUint16(at, this.littleEndian)
  }

  #uint32(view: DataView, at: number): number {
    return view.getUint32(at, this.littleEndian)
  }

  #uint64(bytes: Uint8Array): bigint {
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, this.littleEndian)
  }

  /** Reads a time stamp: the high 32 bits come first in either byte order. */
  #timestamp(view: DataView, at: number): bigint {
    this.#scratch.setUint32(0, this.#uint32(view, at))
    this.#scratch.setUint32(4, this.#uint32(view, at + 4))
    return this.#scratch.getBigUint64(0)
  }
}

const NO_OPTIONS: ReadonlyMap<number, Uint8Array> = new Map()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Decodes UTF-8. Invalid bytes become U+FFFD. */
function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
