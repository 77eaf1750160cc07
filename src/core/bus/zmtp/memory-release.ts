import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Limit } from '../limits.ts'

const INTERVAL_MS = 1_000
/** Buffers that were held at the most since the last time are worth it from so many bytes on. */
const WORTH_BYTES = 32 * 1024 ** 2
/** They are gone when less than this part of them is held. */
const GONE = 4
/** V8's memory above its least that is worth it while there is little to do, in bytes. */
const WORTH_MANAGED = 64 * 1024 ** 2
/** There is little to do while the event loop is busy for less than this part of the time. */
const CALM = 0.2

/**
 * Gives memory back after a flood. V8 looks for what nobody holds any more only when more is allocated: after a flood that is over,
 * hundreds of MiB would stay until the next one.
 */
export class MemoryRelease {
  readonly #limits: readonly Limit[]
  readonly #timer: NodeJS.Timeout
  #most = 0
  /** The least that V8 had so far, or after the last collection, in bytes. */
  #least = managed()
  #loop = performance.eventLoopUtilization()

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
    const isOver = this.#most >= WORTH_BYTES && held <= this.#most / GONE
    if (!isOver && !this.#isLeftOver()) return
    this.#most = 0
    collectGarbage()
    this.#least = managed()
  }

  /** Whether there is little to do, and much more memory in use than there was. */
  #isLeftOver(): boolean {
    const before = this.#loop
    this.#loop = performance.eventLoopUtilization()
    const now = managed()
    this.#least = Math.min(this.#least, now)
    const { utilization } = performance.eventLoopUtilization(this.#loop, before)
    return utilization < CALM && now > this.#least + WORTH_MANAGED
  }
}

/** Memory of V8's heap, and of the buffers that are held from there, in bytes. */
function managed(): number {
  const { total_heap_size: heap, external_memory: buffers } = getHeapStatistics()
  return heap + buffers
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
