import type { Limit } from '../limits.ts'

/** Bytes that were read, and wait to be written to several connections. They count once in the limit of all that waits. */
export class SharedBytes {
  readonly bytes: Buffer
  #holders = 0
  /** The last slice: subscribers of the same topics are written the same one. */
  #slice: Buffer | undefined
  #start = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** One more connection holds them. */
  hold(total: Limit | undefined): void {
    this.#holders += 1
    if (this.#holders === 1) total?.add(this.bytes.length)
  }

  /** One connection holds them no more. */
  release(total: Limit | undefined): void {
    this.#holders -= 1
    if (this.#holders === 0) total?.remove(this.bytes.length)
  }

  slice(start: number, end: number): Buffer {
    if (this.#slice === undefined || this.#start !== start || this.#slice.length !== end - start) {
      this.#slice = this.bytes.subarray(start, end)
      this.#start = start
    }
    return this.#slice
  }
}
