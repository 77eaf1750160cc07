import { setTimeout as after } from 'node:timers/promises'

const POLL_MS = 2

/** Waits until something holds. Resolves with false where it does not within the limit, in ms. */
export async function until(holds: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() >= end) return false
    await after(POLL_MS)
  }
  return true
}

/** Waits until a count has stood still for so long, in ms; `limitMs` at most. */
export async function untilStill(count: () => number, quietMs: number, limitMs: number): Promise<void> {
  let [before, since] = [count(), performance.now()]
  await until(() => {
    const [now, time] = [count(), performance.now()]
    if (now !== before) [before, since] = [now, time]
    return time - since >= quietMs
  }, limitMs)
}

/** Lets a fault, or the flow, last for so long. */
export async function lasting(ms: number): Promise<void> {
  await after(ms)
}
