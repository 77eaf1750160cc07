import { setTimeout as after } from 'node:timers/promises'

const POLL_MS = 2

/** Waits until a condition holds. Resolves with false if it does not within the limit, in ms. */
export async function until(holds: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() >= end) return false
    await after(POLL_MS)
  }
  return true
}

/** Waits until a count has not changed for `quietMs`; `limitMs` at most. */
export async function untilStill(count: () => number, quietMs: number, limitMs: number): Promise<void> {
  let [before, since] = [count(), performance.now()]
  await until(() => {
    const [now, time] = [count(), performance.now()]
    if (now !== before) [before, since] = [now, time]
    return time - since >= quietMs
  }, limitMs)
}

/** Lets a fault, or the flow, last for so many ms. */
export async function lasting(ms: number): Promise<void> {
  await after(ms)
}
