import { ByteWindow } from '../byte-window.ts'
import { FormatError } from '../errors.ts'
import {
  type CaptureParser,
  type CaptureReaderOptions,
  type CapturedPacket,
  DEFAULT_MAX_BLOCK,
} from './captured-packet.ts'
import { BLOCK_BODY, BLOCK_OVERHEAD, BYTE_ORDER_MAGIC, BlockType } from './pcapng-block.ts'
import type { CaptureInterface } from './pcapng-options.ts'
import { PcapngSection } from './pcapng-section.ts'

/**
 * Reads pcapng (draft-ietf-opsawg-pcapng) in chunks, from a file or a pipe: several sections, either byte order, any
 * time resolution; enhanced, simple and obsolete packet blocks. Other blocks are skipped.
 *
 * Memory stays within a chunk, a block and the interfaces of the section. See {@link CaptureParser} for its errors. A
 * section with a version other than 1 is `MALFORMED`.
 */
export class PcapngReader implements CaptureParser {
  readonly #bytes = new ByteWindow()
  readonly #maxBlock: number
  #section: PcapngSection | undefined
  #failure: FormatError | undefined

  constructor(options: CaptureReaderOptions = {}) {
    this.#maxBlock = options.maxBlock ?? DEFAULT_MAX_BLOCK
  }

  /** The interfaces of the current section, by number. Their drops are known once their statistics are read. */
  get interfaces(): readonly CaptureInterface[] {
    return this.#section?.interfaces ?? []
  }

  push(chunk: Uint8Array): IterableIterator<CapturedPacket> {
    this.#bytes.push(chunk)
    return this.#packets()
  }

  end(): void {
    if (this.#failure) throw this.#failure
    const { offset, length } = this.#bytes
    if (offset === 0 && length === 0) throw new FormatError('TRUNCATED', 'the capture is empty', 0)
    if (length > 0) throw new FormatError('TRUNCATED', 'the capture ends in the middle of a block', offset)
  }

  *#packets(): Generator<CapturedPacket, void, undefined> {
    if (this.#failure) throw this.#failure
    try {
      for (let block = this.#nextBlock(); block; block = this.#nextBlock()) {
        const packet = this.#read(block)
        this.#bytes.skip(block.byteLength)
        if (packet) yield packet
      }
    } catch (error) {
      if (error instanceof FormatError) this.#failure = error
      throw error
    }
  }

  /** The next whole block, its two lengths compared. A section header sets the byte order before its length is read. */
  #nextBlock(): DataView | undefined {
    const start = this.#bytes.peek(BLOCK_OVERHEAD)
    if (!start) return undefined
    const head = viewOf(start)
    if (head.getUint32(0) === BlockType.SECTION_HEADER)
      this.#section = new PcapngSection(this.#byteOrder(head))
    if (!this.#section) throw this.#malformed('a pcapng file starts with a section header block')
    const { littleEndian } = this.#section
    const length = head.getUint32(4, littleEndian)
    if (length < BLOCK_OVERHEAD || length % 4 !== 0)
      throw this.#malformed(`a block can't be ${length} bytes long`)
    if (length > this.#maxBlock) {
      const message = `a block of ${length} bytes is over the limit of ${this.#maxBlock}`
      throw new FormatError('OVERSIZE', message, this.#bytes.offset)
    }
    const bytes = this.#bytes.peek(length)
    if (!bytes) return undefined
    const block = viewOf(bytes)
    if (block.getUint32(length - 4, littleEndian) !== length) {
      throw this.#malformed('the two lengths of a block differ')
    }
    return block
  }

  #byteOrder(head: DataView): boolean {
    if (head.getUint32(BLOCK_BODY, true) === BYTE_ORDER_MAGIC) return true
    if (head.getUint32(BLOCK_BODY, false) === BYTE_ORDER_MAGIC) return false
    throw this.#malformed('a section header has no byte order that is known')
  }

  #read(block: DataView): CapturedPacket | undefined {
    const result = this.#section?.read(block)
    if (typeof result === 'string') throw this.#malformed(result)
    return result
  }

  #malformed(message: string): FormatError {
    return new FormatError('MALFORMED', message, this.#bytes.offset)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
