import { setImmediate as nextTurn } from 'node:timers/promises'

/** Time for which a source that never pauses is followed before it is cut off, in ms. */
const LONGEST_MS = 100
/** Turns of the event loop without a message that show that everything that arrived has been read. */
const QUIET_TURNS = 3

/**
 * Resolves once everything that has arrived has been read: when `amount` stays the same for some turns of the loop.
 * @param most growth of `amount` at which the source is cut off
 */
export async function untilQuiet(amount: () => number, most = Number.POSITIVE_INFINITY): Promise<void> {
  const deadline = performance.now() + LONGEST_MS
  const start = amount()
  let before = start
  for (let quiet = 0; quiet < QUIET_TURNS && before - start < most && performance.now() < deadline; ) {
    await nextTurn()
    const now = amount()
    quiet = now === before ? quiet + 1 : 0
    before = now
  }
}
