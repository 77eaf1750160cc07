import { setTimeout as after } from 'node:timers/promises'
import type { WaitOptions } from '../condition.ts'

/** The longest that a timer of Node's waits at a time, in ms. */
const MAX_SLEEP_MS = 2 ** 30

/** A clock that can be waited for. Tests have their own. */
export interface Timer {
  /** Monotonic time, in ms. */
  now(): number
  /** Resolves after about so many ms, and may do so sooner. */
  sleep(ms: number, options: WaitOptions): Promise<void>
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  sleep: (ms, { signal }) => after(Math.max(1, Math.min(ms, MAX_SLEEP_MS)), undefined, { signal }),
}

/** Resolves once the timer has reached a time, and never before. */
export async function until(timer: Timer, due: number, options: WaitOptions = {}): Promise<void> {
  for (let left = due - timer.now(); left > 0; left = due - timer.now()) await timer.sleep(left, options)
}
