/** Room for the header of the next frame, so that a message is not copied for it. In bytes. */
const NEXT_HEADERS = 256
/** Bytes that are reserved at first for a large message: a size that is only claimed costs no memory. */
const FIRST_RESERVE = 64 * 1024
/** A larger message is gathered in pages. In bytes. */
const LARGE = 128 * 1024
/** Pages are asked for in steps of so many bytes. */
const STEP = 256 * 1024

const NOTHING = Buffer.alloc(0)

/**
 * The beginning of a message or command, gathered in a buffer of its own until all that is needed of it has come.
 *
 * A large one is gathered in pages of the system's, which come as bytes come and go back when they are dropped. A heap would keep
 * what a flood of large messages took: malloc keeps freed blocks of up to 32 MiB, and V8 frees them only when it collects garbage.
 */
export class ReassemblyBuffer {
  #bytes: Buffer = NOTHING
  #length = 0
  /** The pages that `#bytes` is a view of. */
  #pages: ArrayBuffer | undefined
  /** Bytes that are needed before more can be said of it. */
  needed = 0

  /** Bytes that are here. */
  get length(): number {
    return this.#length
  }

  get isWhole(): boolean {
    return this.#length === this.needed
  }

  /** Takes what is needed of a chunk. @returns where the rest of the chunk begins */
  take(chunk: Buffer, at: number): number {
    const taken = Math.min(this.needed - this.#length, chunk.length - at)
    this.#reserve(this.#length + taken)
    chunk.copy(this.#bytes, this.#length, at, at + taken)
    this.#length += taken
    return at + taken
  }

  /** Gives its bytes away, and is empty. @returns a buffer whose first bytes, `length` of them, are what has come */
  release(): Buffer {
    if (this.#pages !== undefined) this.#moveTo(Buffer.allocUnsafeSlow(this.#length + NEXT_HEADERS))
    const bytes = this.#bytes
    this.drop()
    return bytes
  }

  /** Forgets its bytes. */
  drop(): void {
    this.#pages?.resize(0)
    this.#pages = undefined
    this.#bytes = NOTHING
    this.#length = 0
  }

  /** Takes back what it gave away, as more is needed of it. */
  restore(bytes: Buffer, length: number): void {
    this.#bytes = bytes
    this.#length = length
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    if (length > LARGE) this.#reservePages(length)
    else {
      const enough = Math.max(length + NEXT_HEADERS, 2 * this.#bytes.length, FIRST_RESERVE)
      this.#moveTo(Buffer.allocUnsafe(Math.min(this.needed + NEXT_HEADERS, enough)))
    }
  }

  #reservePages(length: number): void {
    const enough = Math.min(this.needed, Math.ceil(length / STEP) * STEP)
    if (this.#pages === undefined) {
      const pages = new ArrayBuffer(enough, { maxByteLength: this.needed })
      this.#moveTo(Buffer.from(pages))
      this.#pages = pages
    } else {
      this.#pages.resize(enough)
      this.#bytes = Buffer.from(this.#pages)
    }
  }

  #moveTo(larger: Buffer): void {
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
