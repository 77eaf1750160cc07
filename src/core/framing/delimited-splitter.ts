import { ByteWindow } from '../byte-window.ts'
import { FormatError } from '../errors.ts'
import type { Deframer } from './deframer.ts'

export interface DelimitedSplitterOptions {
  /** The byte that ends a frame. */
  readonly delimiter: number
  /** The longest frame to take, in bytes, without its delimiter. */
  readonly maxFrame: number
  /** Name of a frame in errors, such as `line`. */
  readonly noun: string
}

/**
 * Frames that end with a certain byte, which is no part of them: lines of text, or texts that end with a NUL. The last one
 * may lack it. A frame over the limit is passed over up to its delimiter, and never held.
 */
export class DelimitedSplitter implements Deframer {
  /** Offset of the frame that was given last, or that an error is about. */
  start = 0
  /** Number of that frame, from 1. */
  number = 0
  readonly #bytes = new ByteWindow()
  readonly #options: DelimitedSplitterOptions
  /** So many of the next bytes are known to hold no delimiter. */
  #searched = 0
  /** Whether the next bytes belong to a frame that is over the limit. */
  #skipping = false

  constructor(options: DelimitedSplitterOptions) {
    this.#options = options
  }

  get offset(): number {
    return this.#bytes.offset
  }

  get held(): number {
    return this.#bytes.length
  }

  push(chunk: Uint8Array): Iterable<Uint8Array> {
    this.#bytes.push(chunk)
    return this.#frames()
  }

  *end(): Generator<Uint8Array, void, undefined> {
    yield* this.#frames()
    const { length } = this.#bytes
    const rest = this.#bytes.peek(length)
    if (length === 0 || rest === undefined) return
    this.#begin()
    this.#take(length)
    yield rest
  }

  *#frames(): Generator<Uint8Array, void, undefined> {
    const bytes = this.#bytes
    const { delimiter, maxFrame } = this.#options
    for (;;) {
      const length = bytes.indexOf(delimiter, this.#searched)
      if (this.#skipping) this.#skip(length)
      else if (length < 0) {
        this.#searched = bytes.length
        // The unfinished frame is copied now, up to the limit: no chunk is held from one call to the next.
        if (bytes.peek(maxFrame + 1) !== undefined) this.#refuse()
      } else {
        if (length > maxFrame) this.#refuse()
        this.#begin()
        const frame = bytes.peek(length) as Uint8Array
        this.#take(length + 1)
        yield frame
      }
      if (length < 0) return
    }
  }

  #begin(): void {
    this.start = this.offset
    this.number += 1
  }

  #take(length: number): void {
    this.#bytes.skip(length)
    this.#searched = 0
  }

  #refuse(): never {
    this.#begin()
    this.#skipping = true
    const { noun, maxFrame } = this.#options
    const message = `${noun} ${this.number} is over the limit of ${maxFrame} bytes`
    throw new FormatError('OVERSIZE', message, this.start)
  }

  /** @param length where the delimiter stands; -1 where it has not come */
  #skip(length: number): void {
    this.#bytes.skip(length < 0 ? this.#bytes.length : length + 1)
    this.#searched = 0
    this.#skipping = length < 0
  }
}
