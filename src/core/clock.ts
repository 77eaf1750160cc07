/** How far the monotonic clock may drift from the wall clock before it is set anew, in ms. */
const TOLERANCE_MS = 2
/** Interval between two looks at the drift, in ms. */
const CHECK_MS = 1_000

const originMs = performance.timeOrigin
let offsetNs = BigInt(Math.round(originMs * 1e6))
let nextCheck = 0

/**
 * The time of day in nanoseconds since 1970 UTC, as fine as the monotonic clock: about a microsecond. It follows the
 * wall clock, which is set and slewed while a role runs for weeks.
 */
export function now(): bigint {
  return timeAt(performance.now())
}

/** The time of day, as {@link now} has it, at this time of the monotonic clock (`performance.now()`), which is about now. */
export function timeAt(elapsed: number): bigint {
  if (elapsed >= nextCheck) {
    nextCheck = elapsed + CHECK_MS
    const wall = Date.now()
    const drift = wall - Number(offsetNs) / 1e6 - elapsed
    if (Math.abs(drift) > TOLERANCE_MS) offsetNs = BigInt(Math.round((wall - elapsed) * 1e6))
  }
  return offsetNs + BigInt(Math.round(elapsed * 1e6))
}
