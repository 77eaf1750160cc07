import type { WaitOptions } from '../condition.ts'
import type { Pacer } from './pacer.ts'
import { systemTimer, type Timer, until } from './timer.ts'

/**
 * Lets each message go at its own time, counted from the first one that has a time: a recording goes out as it came in. A
 * message that is late, or has no time, goes at once.
 */
export class SchedulePacer implements Pacer {
  readonly #speed: number
  readonly #timer: Timer
  #origin: { readonly time: bigint; readonly at: number } | undefined

  /** @param speed how many times as fast as the recording: 2 takes half of its time. Over 0. Default 1 */
  constructor(speed = 1, timer: Timer = systemTimer) {
    this.#speed = speed
    this.#timer = timer
  }

  next(time?: bigint, options: WaitOptions = {}): Promise<void> | undefined {
    if (time === undefined) return undefined
    const now = this.#timer.now()
    this.#origin ??= { time, at: now }
    const due = this.#origin.at + Number(time - this.#origin.time) / 1e6 / this.#speed
    return due <= now ? undefined : until(this.#timer, due, options)
  }
}
