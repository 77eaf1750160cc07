/** Capacity of a new builder, in bytes. */
const CAPACITY = 64 * 1024
/** A buffer that a large message has made larger than this is given back, in bytes: a chunk of tap's output fits. */
const KEPT = 2 * 1024 * 1024

/** Builds a chunk of output in a buffer that is reused: the result is valid until the next {@link clear}. */
export class ByteBuilder {
  #buffer = Buffer.allocUnsafe(CAPACITY)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns all that was added: a view. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Starts a new chunk, and frees a buffer over 2 MiB. */
  clear(): void {
    this.#length = 0
    if (this.#buffer.length > KEPT) this.#buffer = Buffer.allocUnsafe(CAPACITY)
  }

  /** Removes everything after this length. */
  truncate(length: number): void {
    this.#length = length
  }

  /** Adds text as UTF-8. */
  text(text: string): void {
    // A UTF-16 unit takes at most three bytes in UTF-8.
    this.#reserve(text.length * 3)
    this.#length += this.#buffer.write(text, this.#length)
  }

  /** Adds text known to be ASCII, one byte per character. */
  ascii(text: string): void {
    this.#reserve(text.length)
    this.#length += this.#buffer.write(text, this.#length, 'latin1')
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
