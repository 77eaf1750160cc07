import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WaitOptions } from '../condition.ts'
import type { Pacer } from './pacer.ts'
import { systemTimer, type Timer, until } from './timer.ts'

/** Messages that go out in one turn of the event loop where no rate is set. */
const UNPACED_BATCH = 64

/** Spreads messages evenly at a rate. Messages that are late are made up for, so that the rate holds without drift. */
export class RatePacer implements Pacer {
  readonly #rate: number
  readonly #timer: Timer
  #started: number | undefined
  /** Turns that were due when it was looked at last, and those of them that are not taken. */
  #turns = 0
  #left = 0

  /** @param rate messages a second; infinite for as fast as they can be taken, where all else has its turn between batches */
  constructor(rate: number, timer: Timer = systemTimer) {
    this.#rate = rate
    this.#timer = timer
  }

  next(_time?: bigint, options: WaitOptions = {}): Promise<void> | undefined {
    if (this.#left > 0) {
      this.#left -= 1
      return undefined
    }
    if (this.#rate === Number.POSITIVE_INFINITY) return this.#nextBatch(options)
    const now = this.#timer.now()
    this.#started ??= now
    const turns = Math.floor(((now - this.#started) / 1000) * this.#rate) + 1
    if (turns > this.#turns) {
      this.#left = turns - this.#turns - 1
      this.#turns = turns
      return undefined
    }
    const due = this.#started + (this.#turns / this.#rate) * 1000
    this.#turns += 1
    return until(this.#timer, due, options)
  }

  async #nextBatch({ signal }: WaitOptions): Promise<void> {
    await nextTurn(undefined, { signal })
    this.#left = UNPACED_BATCH - 1
  }
}
