import { ByteWindow } from '../byte-window.ts'
import { FormatError } from '../errors.ts'
import {
  type CaptureParser,
  type CaptureReaderOptions,
  type CapturedPacket,
  DEFAULT_MAX_BLOCK,
} from './captured-packet.ts'

/** The magic numbers of classic pcap, which tell the unit of a second's fraction. */
const MICROSECONDS_MAGIC = 0xa1b2_c3d4
const NANOSECONDS_MAGIC = 0xa1b2_3c4d

const FILE_HEADER = 24
const RECORD_HEADER = 16

interface FileHeader {
  readonly littleEndian: boolean
  /** Nanoseconds per unit of the fraction. */
  readonly unit: number
  readonly linkType: number
}

/** Whether these four bytes begin a classic pcap file. */
export function isPcapMagic(bytes: Uint8Array): boolean {
  return magicOf(bytes) !== undefined
}

/**
 * Reads classic pcap (draft-ietf-opsawg-pcap) in chunks: micro- and nanoseconds, both byte orders. The format has no
 * names, so every packet's topic is `interface 0`. See {@link CaptureParser} for its errors.
 */
export class PcapReader implements CaptureParser {
  readonly #bytes = new ByteWindow()
  readonly #maxBlock: number
  #header: FileHeader | undefined
  #failure: FormatError | undefined

  constructor(options: CaptureReaderOptions = {}) {
    this.#maxBlock = options.maxBlock ?? DEFAULT_MAX_BLOCK
  }

  push(chunk: Uint8Array): IterableIterator<CapturedPacket> {
    this.#bytes.push(chunk)
    return this.#packets()
  }

  end(): void {
    if (this.#failure) throw this.#failure
    const { offset, length } = this.#bytes
    if (offset === 0 && length === 0) throw new FormatError('TRUNCATED', 'the capture is empty', 0)
    if (length > 0) throw new FormatError('TRUNCATED', 'the capture ends in the middle of a packet', offset)
  }

  *#packets(): Generator<CapturedPacket, void, undefined> {
    if (this.#failure) throw this.#failure
    this.#header ??= this.#readHeader()
    if (!this.#header) return
    for (let packet = this.#next(this.#header); packet; packet = this.#next(this.#header)) yield packet
  }

  #readHeader(): FileHeader | undefined {
    const bytes = this.#bytes.peek(FILE_HEADER)
    if (!bytes) return undefined
    const magic = magicOf(bytes)
    if (!magic) return this.#fail('MALFORMED', 'this is no pcap file')
    const view = viewOf(bytes)
    const major = view.getUint16(4, magic.littleEndian)
    if (major !== 2) return this.#fail('MALFORMED', `pcap has version 2, not ${major}`)
    this.#bytes.skip(FILE_HEADER)
    // The upper half of the field is the length of the frame check sequence.
    return { ...magic, linkType: view.getUint32(20, magic.littleEndian) & 0xffff }
  }

  #next({ littleEndian, unit, linkType }: FileHeader): CapturedPacket | undefined {
    const start = this.#bytes.peek(RECORD_HEADER)
    if (!start) return undefined
    const record = viewOf(start)
    const length = record.getUint32(8, littleEndian)
    if (length > this.#maxBlock - RECORD_HEADER) {
      this.#fail('OVERSIZE', `a packet of ${length} bytes is over the limit of ${this.#maxBlock}`)
    }
    const bytes = this.#bytes.peek(RECORD_HEADER + length)
    if (!bytes) return undefined
    const seconds = record.getUint32(0, littleEndian)
    const fraction = record.getUint32(4, littleEndian)
    this.#bytes.skip(RECORD_HEADER + length)
    return {
      time: BigInt(seconds) * 1_000_000_000n + BigInt(fraction * unit),
      topic: 'interface 0',
      linkType,
      data: bytes.subarray(RECORD_HEADER),
      originalLength: record.getUint32(12, littleEndian),
    }
  }

  #fail(code: 'MALFORMED' | 'OVERSIZE', message: string): never {
    this.#failure = new FormatError(code, message, this.#bytes.offset)
    throw this.#failure
  }
}

function magicOf(bytes: Uint8Array): { littleEndian: boolean; unit: number } | undefined {
  for (const littleEndian of [true, false]) {
    const magic = viewOf(bytes).getUint32(0, littleEndian)
    if (magic === MICROSECONDS_MAGIC) return { littleEndian, unit: 1000 }
    if (magic === NANOSECONDS_MAGIC) return { littleEndian, unit: 1 }
  }
  return undefined
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
