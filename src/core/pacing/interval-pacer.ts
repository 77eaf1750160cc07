import type { WaitOptions } from '../condition.ts'
import type { Pacer } from './pacer.ts'
import { systemTimer, type Timer, until } from './timer.ts'

/**
 * Lets a message go each interval. A delay of less than the interval does not move those that follow, so there is no drift;
 * after a longer one the intervals start anew. Messages that were missed are not made up for: there is never a burst.
 */
export class IntervalPacer implements Pacer {
  readonly #interval: number
  readonly #timer: Timer
  #due = Number.NEGATIVE_INFINITY

  /** @param interval the time from one message to the next, in ms, over 0 */
  constructor(interval: number, timer: Timer = systemTimer) {
    this.#interval = interval
    this.#timer = timer
  }

  next(_time?: bigint, options: WaitOptions = {}): Promise<void> | undefined {
    const now = this.#timer.now()
    const due = now - this.#due < this.#interval ? this.#due : now
    this.#due = due + this.#interval
    return due <= now ? undefined : until(this.#timer, due, options)
  }
}
