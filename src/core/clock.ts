/** Drift between the monotonic and the wall clock that is tolerated before the offset is set again, in ms. */
const TOLERANCE_MS = 2
/** Interval between two looks at the drift, in ms. */
const CHECK_MS = 1_000

const originMs = performance.timeOrigin
let offsetNs = BigInt(Math.round(originMs * 1e6))
let nextCheck = 0

/**
 * Returns the time of day in nanoseconds since 1970 UTC, with the resolution of the monotonic clock: about a
 * microsecond. It follows the wall clock, which may be set or slewed while a role runs for weeks.
 */
export function now(): bigint {
  return timeAt(performance.now())
}

/** Returns the time of day, like {@link now}, for a recent reading of the monotonic clock (`performance.now()`). */
export function timeAt(elapsed: number): bigint {
  if (elapsed >= nextCheck) {
    nextCheck = elapsed + CHECK_MS
    const wall = Date.now()
    const drift = wall - Number(offsetNs) / 1e6 - elapsed
    if (Math.abs(drift) > TOLERANCE_MS) offsetNs = BigInt(Math.round((wall - elapsed) * 1e6))
  }
  return offsetNs + BigInt(Math.round(elapsed * 1e6))
}
