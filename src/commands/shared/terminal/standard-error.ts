import { fstatSync, writeSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { reopenNonBlocking } from '../../../core/linux/reopen.ts'

const DESCRIPTOR = 2
/** Limit of the lines that wait for a reader of standard error, in bytes. Further lines are dropped, and counted. */
const LIMIT_BYTES = 64 * 1024
/** Interval between attempts to write to a standard error that took nothing, in ms. */
const RETRY_MS = 20

/**
 * Standard error that never waits for its reader. A pipe that nobody reads, or a terminal stopped with Ctrl-S, holds up
 * neither the data nor the end of the process. Some lines wait here and further ones are dropped; a line gives their number
 * as soon as there is room again.
 */
export class StandardError {
  readonly isTTY = isatty(DESCRIPTOR)
  readonly #descriptor = descriptorThatNeverWaits(this.isTTY)
  #waiting: Buffer[] = []
  #bytes = 0
  #dropped = 0
  #retry: NodeJS.Timeout | undefined

  /** Width of the terminal. Undefined if standard error is not a terminal. */
  get columns(): number | undefined {
    return this.isTTY ? process.stderr.columns : undefined
  }

  /** Writes one line, which includes its line feed. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#waiting.length > 0 && this.#bytes + bytes.length > LIMIT_BYTES) this.#dropped += 1
    else this.#keep(bytes)
  }

  /** Writes a text that may be left out: it is dropped if lines are waiting. */
  draw(text: string): void {
    if (this.#waiting.length === 0) this.#keep(Buffer.from(text))
  }

  /** Resolves once no line waits any more, or after this many ms. */
  async flush(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs
    while (this.#waiting.length > 0 && performance.now() < end) {
      await after(RETRY_MS)
      this.#pump()
    }
  }

  #keep(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    if (this.#waiting.length === 1) this.#pump()
  }

  #pump(): void {
    clearTimeout(this.#retry)
    for (let bytes = this.#next(); bytes !== undefined; bytes = this.#next()) {
      const written = writeNow(this.#descriptor, bytes)
      this.#bytes -= written
      if (written === bytes.length) {
        this.#waiting.shift()
      } else {
        this.#waiting[0] = bytes.subarray(written)
        this.#retry = setTimeout(() => this.#pump(), RETRY_MS).unref()
        return
      }
    }
  }

  #next(): Buffer | undefined {
    if (this.#waiting.length === 0 && this.#dropped > 0) {
      const lines = this.#dropped === 1 ? '1 line was' : `${this.#dropped} lines were`
      const said = Buffer.from(`groundwire: ${lines} not shown, as nobody read standard error\n`)
      this.#dropped = 0
      this.#waiting.push(said)
      this.#bytes += said.length
    }
    return this.#waiting[0]
  }
}

/** @returns the number of bytes written; all of them also if the reader has gone or the disk is full */
function writeNow(descriptor: number, bytes: Buffer): number {
  try {
    return writeSync(descriptor, bytes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length
  }
}

/** A file is written as it was opened, at its end. Any other kind must not block. */
function descriptorThatNeverWaits(isTTY: boolean): number {
  const status = fstatSync(DESCRIPTOR)
  if (!isTTY && !status.isFIFO() && !status.isSocket()) return DESCRIPTOR
  const reopened = reopenNonBlocking(DESCRIPTOR)
  if (reopened !== undefined) return reopened
  // For a socket, Node's own stream sets the mode for all processes that share it, as it always has.
  if (!isTTY) void process.stderr
  return DESCRIPTOR
}
