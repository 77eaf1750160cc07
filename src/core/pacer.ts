import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises'
import type { WaitOptions } from './condition.ts'

/** How many go out in one turn of the event loop where no rate is set. */
const UNPACED_BATCH = 64

/** Spreads events evenly at a rate. What is late is made up for, so that the rate holds without drift. */
export class Pacer {
  readonly #rate: number
  readonly #started = performance.now()
  #done = 0

  /** @param rate events a second; infinite for as fast as they can be taken */
  constructor(rate: number) {
    this.#rate = rate
  }

  /**
   * Resolves when the next event is due.
   * @returns how many are due by now, at least 1
   */
  async next({ signal }: WaitOptions = {}): Promise<number> {
    if (this.#rate === Number.POSITIVE_INFINITY) {
      await nextTurn(undefined, { signal })
      return UNPACED_BATCH
    }
    for (;;) {
      const due = Math.floor(((performance.now() - this.#started) / 1000) * this.#rate) + 1 - this.#done
      if (due > 0) {
        this.#done += due
        return due
      }
      const wait = this.#started + (this.#done / this.#rate) * 1000 - performance.now()
      await after(Math.max(1, Math.min(wait, 2 ** 30)), undefined, { signal })
    }
  }
}
