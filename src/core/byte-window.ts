const NOTHING: Uint8Array = new Uint8Array(0)
const FIRST_CARRY = 512

/**
 * Cuts whole pieces from a stream of chunks that break anywhere. All streaming parsers use it.
 *
 * A piece within one chunk is a view of it. Only a piece that crosses chunks is copied, and only as far as it was asked
 * for. So memory holds at most the largest piece asked for and one chunk, however the stream is cut.
 */
export class ByteWindow {
  /** Bytes consumed so far: the offset of the next piece from the start of the stream. */
  offset = 0
  /** Start of a piece that is not complete yet: the first `#carried` bytes. They precede those of `#chunk`. */
  #carry = NOTHING
  #carried = 0
  #chunk = NOTHING
  #at = 0

  /** Bytes received and not consumed. */
  get length(): number {
    return this.#carried + this.#chunk.length - this.#at
  }

  /** Takes the next chunk. It is not copied, so it must not be overwritten while its pieces are in use. */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) this.#carryUpTo(this.length)
    this.#chunk = chunk
    this.#at = 0
  }

  /** Returns the next `length` bytes without consuming them. Undefined until that many have arrived. */
  peek(length: number): Uint8Array | undefined {
    if (this.#carried === 0 && this.#chunk.length - this.#at >= length) {
      return this.#chunk.subarray(this.#at, this.#at + length)
    }
    this.#carryUpTo(length)
    return this.#carried >= length ? this.#carry.subarray(0, length) : undefined
  }

  /** Position of a byte, counted from the next one; -1 where it has not come. @param from the position to search from */
  indexOf(byte: number, from = 0): number {
    const inCarry = from < this.#carried ? this.#carry.subarray(0, this.#carried).indexOf(byte, from) : -1
    if (inCarry >= 0) return inCarry
    const inChunk = this.#chunk.indexOf(byte, this.#at + Math.max(0, from - this.#carried))
    return inChunk < 0 ? -1 : this.#carried + inChunk - this.#at
  }

  /** Consumes `length` bytes, of those that have come. */
  skip(length: number): void {
    this.offset += length
    if (this.#carried === 0) {
      this.#at += length
      return
    }
    // The carry is never written over: a piece that was given is a view of these bytes.
    const fromCarry = Math.min(length, this.#carried)
    this.#at += length - fromCarry
    this.#carried -= fromCarry
    this.#carry = this.#carried === 0 ? NOTHING : this.#carry.subarray(fromCarry)
  }

  /** Moves bytes from the chunk to the carry until that holds `length`, or the chunk is used up. */
  #carryUpTo(length: number): void {
    const count = Math.min(length - this.#carried, this.#chunk.length - this.#at)
    if (count <= 0) return
    const total = this.#carried + count
    if (total > this.#carry.length) {
      // Doubling keeps single-byte chunks cheap. It also allocates nothing ahead on the word of a length field.
      const grown = new Uint8Array(Math.max(FIRST_CARRY, total, Math.min(length, 2 * this.#carry.length)))
      grown.set(this.#carry.subarray(0, this.#carried))
      this.#carry = grown
    }
    this.#carry.set(this.#chunk.subarray(this.#at, this.#at + count), this.#carried)
    this.#carried = total
    this.#at += count
  }
}
