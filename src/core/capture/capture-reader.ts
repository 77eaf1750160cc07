import { ByteWindow } from '../byte-window.ts'
import { FormatError } from '../errors.ts'
import type { CaptureParser, CaptureReaderOptions, CapturedPacket } from './captured-packet.ts'
import { PcapReader, isPcapMagic } from './pcap-reader.ts'
import { BlockType } from './pcapng-block.ts'
import { PcapngReader } from './pcapng-reader.ts'

/** Number of leading octets that tell the formats apart. */
const MAGIC_LENGTH = 4

/**
 * Reads a pcapng or a classic pcap capture. The first four bytes decide which.
 *
 * @see {@link PcapngReader} and {@link PcapReader}. Any other input is `MALFORMED` at offset 0.
 */
export class CaptureReader implements CaptureParser {
  readonly #options: CaptureReaderOptions
  /** The first bytes, at most three, while they are too few to tell the format. */
  readonly #start = new ByteWindow()
  #reader: CaptureParser | undefined
  #failure: FormatError | undefined

  constructor(options: CaptureReaderOptions = {}) {
    this.#options = options
  }

  /** The format of the capture; undefined until its first four bytes have arrived. */
  get format(): 'pcap' | 'pcapng' | undefined {
    if (!this.#reader) return undefined
    return this.#reader instanceof PcapReader ? 'pcap' : 'pcapng'
  }

  push(chunk: Uint8Array): IterableIterator<CapturedPacket> {
    if (this.#reader) return this.#reader.push(chunk)
    this.#start.push(chunk)
    return this.#packets()
  }

  end(): void {
    if (this.#reader) return this.#reader.end()
    if (this.#failure) throw this.#failure
    const length = this.#start.length
    const message = length === 0 ? 'the capture is empty' : `the capture has only ${length} bytes`
    throw new FormatError('TRUNCATED', message, 0)
  }

  *#packets(): Generator<CapturedPacket, void, undefined> {
    if (this.#failure) throw this.#failure
    const magic = this.#start.peek(MAGIC_LENGTH)
    if (!magic) return
    this.#reader = this.#readerFor(magic)
    const bytes = this.#start.peek(this.#start.length) ?? magic
    this.#start.skip(bytes.length)
    yield* this.#reader.push(bytes)
  }

  #readerFor(magic: Uint8Array): CaptureParser {
    if (isPcapMagic(magic)) return new PcapReader(this.#options)
    const type = new DataView(magic.buffer, magic.byteOffset).getUint32(0)
    if (type === BlockType.SECTION_HEADER) return new PcapngReader(this.#options)
    this.#failure = new FormatError('MALFORMED', 'this is neither pcapng nor pcap', 0)
    throw this.#failure
  }
}
