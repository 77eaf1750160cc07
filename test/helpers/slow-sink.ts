import type { Sink } from '../../src/core/sink/sink.ts'

/** A sink whose reader the test is: a write is under way until the test takes it, or fails it. */
export class SlowSink implements Sink {
  readonly name = 'sink'
  room = Number.POSITIVE_INFINITY
  /** Chunks of each file, as far as they are taken. */
  readonly files: Buffer[][] = [[]]
  isClosed = false
  #settle: ((error?: Error, written?: number) => void) | undefined
  #isOpen = false

  /** All that was taken, of all files. */
  get bytes(): Buffer {
    return Buffer.concat(this.files.flat())
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  /** Whether a write is under way. */
  get isBusy(): boolean {
    return this.#settle !== undefined
  }

  write(chunk: Uint8Array): Promise<void> {
    // The chunk may be used for something else once it is taken.
    const bytes = Buffer.from(chunk)
    return new Promise((resolve, reject) => {
      this.#settle = (error, written = 0) => {
        this.#settle = undefined
        this.files.at(-1)?.push(error === undefined ? bytes : bytes.subarray(0, written))
        if (error === undefined) resolve()
        else reject(error)
      }
      if (this.#isOpen) this.#settle()
    })
  }

  /** Takes what is being written. */
  take(): void {
    this.#settle?.()
  }

  /** From now on it takes everything at once. */
  open(): void {
    this.#isOpen = true
    this.take()
  }

  /** Fails the write, after so many bytes of it. */
  fail(error: Error, written: number): void {
    this.#settle?.(error, written)
  }

  async next(): Promise<void> {
    this.files.push([])
  }

  async takeBack(bytes: number): Promise<void> {
    const { bytes: all } = this
    this.files.splice(0, Number.POSITIVE_INFINITY, [all.subarray(0, all.length - bytes)])
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.open()
  }
}
