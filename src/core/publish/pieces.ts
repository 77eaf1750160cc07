import { FormatError, type GroundwireError } from '../errors.ts'

/** Cuts a stream of bytes into pieces that mean something. */
export interface Splitter {
  /** Gives the pieces that a chunk completes. A piece is a view of its chunk where it lies within it. */
  push(chunk: Buffer): Iterable<Uint8Array>
  /** Gives what is left at the end of the stream. */
  end(): Iterable<Uint8Array>
}

/** Pieces that end with a certain byte, which is no part of them. At the end of the stream it may be missing. */
export class DelimitedPieces implements Splitter {
  /** Where the piece that was given last starts, in bytes from the start of the stream, and which one it is, from 1. */
  start = 0
  number = 0
  #next = 0
  readonly #delimiter: number
  readonly #limit: number
  readonly #what: string
  #held: Uint8Array[] = []
  #heldLength = 0

  /**
   * @param delimiter a byte
   * @param limit the longest piece to take, in bytes: no more than that is ever held
   * @param what a piece is called so in errors
   */
  constructor(delimiter: number, limit: number, what: string) {
    this.#delimiter = delimiter
    this.#limit = limit
    this.#what = what
  }

  *push(chunk: Buffer): Generator<Uint8Array, void, undefined> {
    let from = 0
    for (let to = chunk.indexOf(this.#delimiter); to >= 0; to = chunk.indexOf(this.#delimiter, from)) {
      const rest = chunk.subarray(from, to)
      from = to + 1
      const piece = this.#heldLength === 0 ? rest : this.#complete(rest)
      this.#begin(piece.length)
      this.#next += piece.length + 1
      yield piece
    }
    if (from === chunk.length) return
    this.#held.push(chunk.subarray(from))
    this.#heldLength += chunk.length - from
    if (this.#heldLength > this.#limit) this.#begin(this.#heldLength)
  }

  *end(): Generator<Uint8Array, void, undefined> {
    if (this.#heldLength === 0) return
    const piece = this.#complete(new Uint8Array(0))
    this.#begin(piece.length)
    yield piece
  }

  /** Says of what is wrong with a piece where it stands. */
  describe(cause: GroundwireError): FormatError {
    const code = cause.code === 'OVERSIZE' ? 'OVERSIZE' : 'MALFORMED'
    const hint = cause.hint === undefined ? {} : { hint: cause.hint }
    return new FormatError(code, `${this.#what} ${this.number}: ${cause.message}`, this.start, {
      cause,
      ...hint,
    })
  }

  #begin(length: number): void {
    this.start = this.#next
    this.number += 1
    if (length <= this.#limit) return
    const message = `${this.#what} ${this.number} is over the limit of ${this.#limit} bytes`
    throw new FormatError('OVERSIZE', message, this.start, { hint: 'the limit is --max-message' })
  }

  #complete(rest: Uint8Array): Uint8Array {
    const piece = Buffer.concat([...this.#held, rest], this.#heldLength + rest.length)
    this.#held = []
    this.#heldLength = 0
    return piece
  }
}

/** Pieces of one size; the last one is what is left. */
export class SizedPieces implements Splitter {
  readonly #size: number
  #held: Uint8Array[] = []
  #heldLength = 0

  constructor(size: number) {
    this.#size = size
  }

  *push(chunk: Buffer): Generator<Uint8Array, void, undefined> {
    let from = 0
    if (this.#heldLength > 0) {
      from = Math.min(this.#size - this.#heldLength, chunk.length)
      this.#hold(chunk.subarray(0, from))
      if (this.#heldLength < this.#size) return
      yield this.#release()
    }
    for (; from + this.#size <= chunk.length; from += this.#size)
      yield chunk.subarray(from, from + this.#size)
    if (from < chunk.length) this.#hold(chunk.subarray(from))
  }

  *end(): Generator<Uint8Array, void, undefined> {
    if (this.#heldLength > 0) yield this.#release()
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldLength += bytes.length
  }

  #release(): Uint8Array {
    const piece = Buffer.concat(this.#held, this.#heldLength)
    this.#held = []
    this.#heldLength = 0
    return piece
  }
}

/** The whole stream as one piece, even where it is empty. */
export class WholeInput {
  readonly #limit: number
  readonly #held: Uint8Array[] = []
  #length = 0

  /** @param limit the longest stream to take, in bytes: no more than that is ever held */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws {FormatError} OVERSIZE */
  push(chunk: Uint8Array): void {
    this.#length += chunk.length
    if (this.#length > this.#limit) {
      const message = `the input is one message, and over the limit of ${this.#limit} bytes`
      throw new FormatError('OVERSIZE', message, 0, {
        hint: 'the limit is --max-message, and --split makes many messages',
      })
    }
    this.#held.push(chunk)
  }

  bytes(): Buffer {
    return Buffer.concat(this.#held, this.#length)
  }
}
