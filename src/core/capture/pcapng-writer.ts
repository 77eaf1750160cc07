import { GroundwireError, UsageError } from '../errors.ts'
import { BLOCK_BODY, BYTE_ORDER_MAGIC, BlockType, Option, UNKNOWN_LENGTH, padded } from './pcapng-block.ts'
import { block, option, text, timestamp, uint64 } from './pcapng-encode.ts'

/** A message to write. */
export interface PcapngMessage {
  /** Nanoseconds since 1970-01-01T00:00:00Z, up to the year 2554. */
  readonly time: bigint
  /** The interface's name: up to 65,535 bytes of UTF-8. */
  readonly topic: string
  readonly data: Uint8Array
  /** LINKTYPE_ number of `data`: 147 (USER0) for the bytes of a payload, 148 (USER1) for a frame, or any other. */
  readonly linkType: number
  /** Comment of the packet: up to 65,535 bytes of UTF-8. */
  readonly comment?: string
}

interface Interface {
  readonly id: number
  readonly topic: string
  messages: bigint
  first: bigint
  last: bigint
}

const MAX_TIME = 0xffff_ffff_ffff_ffffn
const NANOSECONDS = Buffer.of(9)
const EPB_FIXED = 20

/**
 * Makes the blocks of a pcapng file, in the order of the file: {@link sectionHeader}, a {@link message} for each message,
 * and {@link statistics} at the end. It writes nothing itself, and keeps only its topics.
 *
 * The format is draft-ietf-opsawg-pcapng, little endian. A topic is an interface with a time resolution of nanoseconds
 * and no snap length. A topic with data of two link types is two interfaces of the same name.
 */
export class PcapngWriter {
  /** By link type, then by topic. */
  readonly #interfaces = new Map<number, Map<string, Interface>>()
  readonly #scratch = new DataView(new ArrayBuffer(8))
  /** All interfaces, by number. */
  readonly #inOrder: Interface[] = []

  /**
   * The block that starts a file (section 4.1). It forgets every interface, so the messages after it describe theirs again.
   * Write it again at the start of each further file.
   *
   * @param application name of the program that writes the file, for a reader to show.
   */
  sectionHeader(application = 'groundwire'): Buffer {
    this.#interfaces.clear()
    this.#inOrder.length = 0
    const fixed = Buffer.alloc(16)
    fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
    fixed.writeUInt16LE(1, 4) // major version; the minor one is 0
    fixed.writeBigUInt64LE(UNKNOWN_LENGTH, 8)
    return block(BlockType.SECTION_HEADER, fixed, text(Option.SECTION_APPLICATION, application))
  }

  /**
   * An enhanced packet block (section 4.3). An interface description block (section 4.2) precedes it if its topic is new.
   *
   * @returns a new buffer with a copy of the data
   * @throws {GroundwireError} `NOT_ENCODABLE` for a topic or a comment over 65,535 bytes, or a time before 1970 or
   *   after 2554. The writer is unchanged then.
   */
  message(message: PcapngMessage): Buffer {
    const { time, topic, data, linkType, comment } = message
    if (time < 0n || time > MAX_TIME) {
      throw new GroundwireError(
        'NOT_ENCODABLE',
        `a pcapng time is from 1970 to 2554, not ${time} ns from 1970`,
      )
    }
    const options = comment === undefined ? undefined : text(Option.COMMENT, comment)
    const known = this.#interfaces.get(linkType)?.get(topic)
    const description = known ? undefined : describeInterface(topic, linkType)
    const found = known ?? this.#addInterface(topic, linkType, time)
    found.messages++
    found.last = time

    const before = description?.length ?? 0
    const dataEnd = before + BLOCK_BODY + EPB_FIXED + data.length
    const optionsAt = before + BLOCK_BODY + EPB_FIXED + padded(data.length)
    const end = optionsAt + (options ? options.length + 4 : 0) + 4
    const out = Buffer.allocUnsafe(end)
    description?.copy(out)
    out.writeUInt32LE(BlockType.ENHANCED_PACKET, before)
    out.writeUInt32LE(end - before, before + 4)
    out.writeUInt32LE(found.id, before + 8)
    this.#scratch.setBigUint64(0, time)
    out.writeUInt32LE(this.#scratch.getUint32(0), before + 12)
    out.writeUInt32LE(this.#scratch.getUint32(4), before + 16)
    out.writeUInt32LE(data.length, before + 20)
    out.writeUInt32LE(data.length, before + 24)
    out.set(data, before + BLOCK_BODY + EPB_FIXED)
    out.fill(0, dataEnd, end)
    options?.copy(out, optionsAt)
    out.writeUInt32LE(end - before, end - 4)
    return out
  }

  /**
   * An interface statistics block (section 4.6) for each interface of the section: the times of its first and last
   * message, the number received, and how many of these were dropped before they could be written.
   *
   * @param dropped by topic. The count goes to the first interface of that name. A topic with nothing written has no
   *   interface, so its count is left out.
   */
  statistics(dropped: ReadonlyMap<string, number> = new Map()): Buffer {
    const told = new Set<string>()
    return Buffer.concat(
      this.#inOrder.map(({ id, topic, messages, first, last }) => {
        const drops = told.has(topic) ? 0n : BigInt(dropped.get(topic) ?? 0)
        told.add(topic)
        const fixed = Buffer.alloc(12)
        fixed.writeUInt32LE(id, 0)
        timestamp(last).copy(fixed, 4)
        return block(
          BlockType.INTERFACE_STATISTICS,
          fixed,
          option(Option.STATISTICS_START, timestamp(first)),
          option(Option.STATISTICS_END, timestamp(last)),
          option(Option.STATISTICS_RECEIVED, uint64(messages + drops)),
          option(Option.STATISTICS_DROPPED, uint64(drops)),
        )
      }),
    )
  }

  #addInterface(topic: string, linkType: number, time: bigint): Interface {
    const topics = this.#interfaces.get(linkType) ?? new Map<string, Interface>()
    this.#interfaces.set(linkType, topics)
    const added = { id: this.#inOrder.length, topic, messages: 0n, first: time, last: time }
    topics.set(topic, added)
    this.#inOrder.push(added)
    return added
  }
}

function describeInterface(topic: string, linkType: number): Buffer {
  if (!Number.isInteger(linkType) || linkType < 0 || linkType > 0xffff) {
    throw new UsageError(`a link type is a whole number from 0 to 65535, not ${linkType}`)
  }
  const fixed = Buffer.alloc(8) // a snap length of 0: no limit
  fixed.writeUInt16LE(linkType, 0)
  const resolution = option(Option.INTERFACE_TIME_RESOLUTION, NANOSECONDS)
  return block(BlockType.INTERFACE, fixed, text(Option.INTERFACE_NAME, topic), resolution)
}
