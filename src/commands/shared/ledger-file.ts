import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import { printableJson } from '../../core/format/printable.ts'
import type { Ledger } from '../../core/ledger.ts'

const INTERVAL_MS = 1_000
/** Largest share of the time spent on writing the ledger, whatever its size. */
const SHARE = 0.1
/** Time for a pipe to be read at the end, in ms. It counts towards the time after a signal. */
const PATIENCE_MS = 500
const RETRY_MS = 20

const DRAFT_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const IN_PLACE_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY
/** Names of this process's open descriptors. Renaming a file to one would replace the name. */
const OPEN_ALREADY = /^(\/dev\/(stdin|stdout|stderr|fd\/\d+)|\/proc\/self\/fd\/\d+)$/

/** Receives the warnings of a ledger file. */
interface Report {
  warn(text: string): void
  info(text: string): void
}

/**
 * Writes a ledger to a file every second and at the end, by renaming, so that no reader ever meets half a file. An earlier
 * file is kept, as `FILE.1`. A pipe, /dev/null or any other target that is not a file gets the ledger at the end only.
 *
 * It never ends a role or holds it up. A failed write is reported once, and tried again.
 */
export class LedgerFile {
  readonly #path: string
  readonly #ledger: Ledger
  readonly #report: Report
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<unknown> = Promise.resolve()
  /** Whether an earlier run's file, if any, has been put aside. */
  #first = true
  #failing = false
  #finished = false

  constructor(path: string, ledger: Ledger, report: Report) {
    this.#path = path
    this.#ledger = ledger
    this.#report = report
  }

  /** Writes it for the first time, and then every second. */
  async start(): Promise<void> {
    if (await this.#isReplaced()) await this.#keep()
  }

  /** Writes it for the last time. @returns the reason of a failure; undefined if it is written */
  async finish(): Promise<string | undefined> {
    this.#finished = true
    clearTimeout(this.#timer)
    await this.#writing
    return this.#attempt()
  }

  async #keep(): Promise<void> {
    const began = performance.now()
    const writing = this.#attempt()
    this.#writing = writing
    const problem = await writing
    const took = performance.now() - began
    if (this.#finished) return
    if (problem !== undefined && !this.#failing) {
      this.#report.warn(`the ledger can't be written to ${this.#path}, and is tried again: ${problem}`)
    }
    if (problem === undefined && this.#failing) this.#report.info(`the ledger is at ${this.#path} again`)
    this.#failing = problem !== undefined
    this.#timer = setTimeout(() => void this.#keep(), Math.max(INTERVAL_MS, took / SHARE)).unref()
  }

  /** @returns the reason of a failure; undefined if it is written */
  async #attempt(): Promise<string | undefined> {
    try {
      const text = Buffer.from(`${printableJson(JSON.stringify(this.#ledger, null, 2))}\n`)
      if (await this.#isReplaced()) await this.#replace(text)
      else await this.#writeInPlace(text)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  /** Whether a new file replaces the target, rather than being written into it. */
  async #isReplaced(): Promise<boolean> {
    if (OPEN_ALREADY.test(this.#path)) return false
    const found = await stat(this.#path).catch(() => undefined)
    return found === undefined || found.isFile()
  }

  /** Writes a draft and renames it. Nobody can guess the draft's name, so nobody can have put a link there. */
  async #replace(text: Buffer): Promise<void> {
    const draft = `${this.#path}.${randomBytes(8).toString('hex')}.partial`
    const file = await open(draft, DRAFT_FLAGS, 0o666)
    try {
      try {
        await file.writeFile(text)
      } finally {
        await file.close()
      }
      if (this.#first) await rename(this.#path, `${this.#path}.1`).catch(unlessAbsent)
      this.#first = false
      await rename(draft, this.#path)
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw error
    }
  }

  async #writeInPlace(text: Buffer): Promise<void> {
    const end = performance.now() + PATIENCE_MS
    const file = await patiently(() => open(this.#path, IN_PLACE_FLAGS), 'ENXIO', end)
    try {
      for (let rest = text; rest.length > 0; ) rest = rest.subarray(await takenOf(rest, file, end))
    } finally {
      await file.close()
    }
  }
}

async function takenOf(text: Buffer, file: FileHandle, end: number): Promise<number> {
  return (await patiently(() => file.write(text), 'EAGAIN', end)).bytesWritten
}

/** Repeats a write that fails for want of a reader, until the time is up. */
async function patiently<T>(attempt: () => Promise<T>, code: string, end: number): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== code) throw error
      if (performance.now() > end) throw new Error('nobody reads it', { cause: error })
    }
    await after(RETRY_MS)
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
