/** Room for the header of the next frame, so that a message is not copied for it. In bytes. */
const NEXT_HEADERS = 256
/** Bytes that are reserved at first for a large message: a size that is only claimed costs no memory. */
const FIRST_RESERVE = 64 * 1024
/** The buffer grows by this factor, so that it holds little that has not come, and is seldom copied. */
const GROWTH = 2

const NOTHING = Buffer.alloc(0)

/** The beginning of a message or command, gathered in a buffer of its own until all that is needed of it has come. */
export class ReassemblyBuffer {
  #bytes: Buffer = NOTHING
  #length = 0
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
    const bytes = this.#bytes
    this.#bytes = NOTHING
    this.#length = 0
    return bytes
  }

  /** Takes back what it gave away, as more is needed of it. */
  restore(bytes: Buffer, length: number): void {
    this.#bytes = bytes
    this.#length = length
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    const enough = Math.max(length + NEXT_HEADERS, GROWTH * this.#bytes.length, FIRST_RESERVE)
    const larger = Buffer.allocUnsafe(Math.min(this.needed + NEXT_HEADERS, enough))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
