import { rename, stat, writeFile } from 'node:fs/promises'
import { GroundwireError } from '../core/errors.ts'
import type { Ledger } from '../core/ledger.ts'

const INTERVAL_MS = 1_000

/**
 * Writes a ledger to a file every second and at the end, by renaming, so that no reader ever meets half a file. What is there
 * and is no file, a pipe or /dev/null, is written to at the end only: renaming would put a file in its place.
 */
export class LedgerFile {
  readonly #path: string
  readonly #ledger: Ledger
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, ledger: Ledger) {
    this.#path = path
    this.#ledger = ledger
  }

  /**
   * Writes it for the first time, so that a path that can't be written is known at once, and then every second.
   * @throws {GroundwireError} IO
   */
  async start(onError: (error: unknown) => void): Promise<void> {
    if (!(await this.#canBeReplaced())) return
    await this.write()
    this.#timer = setInterval(() => void this.write().catch(onError), INTERVAL_MS).unref()
  }

  /** @throws {GroundwireError} IO */
  async write(): Promise<void> {
    const written = this.#writing.then(() => this.#replace())
    this.#writing = written.catch(() => {})
    await written
  }

  /** Writes it for the last time. */
  async finish(): Promise<void> {
    clearInterval(this.#timer)
    await this.write()
  }

  async #canBeReplaced(): Promise<boolean> {
    const found = await stat(this.#path).catch(() => undefined)
    return found === undefined || found.isFile()
  }

  async #replace(): Promise<void> {
    const text = `${JSON.stringify(this.#ledger, null, 2)}\n`
    const draft = `${this.#path}.partial`
    try {
      if (await this.#canBeReplaced()) {
        await writeFile(draft, text)
        await rename(draft, this.#path)
      } else {
        await writeFile(this.#path, text)
      }
    } catch (cause) {
      throw new GroundwireError(
        'IO',
        `the ledger can't be written to ${this.#path}: ${(cause as Error).message}`,
        { cause },
      )
    }
  }
}
