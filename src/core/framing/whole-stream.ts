import { ByteWindow } from '../byte-window.ts'
import { FormatError } from '../errors.ts'
import type { Deframer } from './deframer.ts'

/** The whole stream as one frame, even where it is empty. */
export class WholeStream implements Deframer {
  readonly #bytes = new ByteWindow()
  readonly #maxFrame: number
  #failure: FormatError | undefined

  /** @param maxFrame the longest stream to take, in bytes */
  constructor(maxFrame: number) {
    this.#maxFrame = maxFrame
  }

  get offset(): number {
    return this.#bytes.offset
  }

  get held(): number {
    return this.#bytes.length
  }

  push(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#failure) throw this.#failure
    this.#bytes.push(chunk)
    if (this.#bytes.peek(this.#maxFrame + 1) === undefined) return []
    const message = `the input is one message, and over the limit of ${this.#maxFrame} bytes`
    this.#failure = new FormatError('OVERSIZE', message, 0)
    throw this.#failure
  }

  end(): readonly Uint8Array[] {
    if (this.#failure) throw this.#failure
    const { length } = this.#bytes
    const whole = this.#bytes.peek(length)
    this.#bytes.skip(length)
    return whole === undefined ? [] : [whole]
  }
}
