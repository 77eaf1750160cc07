import { ByteWindow } from '../byte-window.ts'
import type { Deframer } from './deframer.ts'

/** Frames of one size; the last one is what is left. It refuses nothing. */
export class SizedSplitter implements Deframer {
  readonly #bytes = new ByteWindow()
  readonly #size: number

  /** @param size bytes of a frame, at least 1 */
  constructor(size: number) {
    this.#size = size
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
    this.#bytes.skip(length)
    yield rest
  }

  *#frames(): Generator<Uint8Array, void, undefined> {
    for (let frame = this.#bytes.peek(this.#size); frame; frame = this.#bytes.peek(this.#size)) {
      this.#bytes.skip(this.#size)
      yield frame
    }
  }
}
