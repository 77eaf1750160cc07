import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Limit } from '../limits.ts'

const INTERVAL_MS = 1_000
/** Buffers that were held at the most since the last time are worth it from so many bytes on. */
const WORTH_BYTES = 32 * 1024 ** 2
/** They are gone when less than this part of them is held. */
const GONE = 4

/**
 * Gives memory back after a flood. V8 looks for buffers that nobody holds any more only when more is allocated: after a flood that is
 * over, hundreds of MiB would stay until the next one.
 */
export class MemoryRelease {
  readonly #limits: readonly Limit[]
  readonly #timer: NodeJS.Timeout
  #most = 0

  /** @param limits those that count the bytes of buffers */
  constructor(...limits: readonly Limit[]) {
    this.#limits = limits
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    let held = 0
    for (const limit of this.#limits) {
      held += limit.now
      this.#most = Math.max(this.#most, limit.takeRecentPeak())
    }
    if (this.#most < WORTH_BYTES || held > this.#most / GONE) return
    this.#most = 0
    collectGarbage()
  }
}

let collect: (() => void) | undefined

/** A full collection, some 10 ms: V8 has it in every process, and shows it to those contexts that are made while it is asked to. */
function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
  }
  collect()
}
