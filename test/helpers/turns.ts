import assert from 'node:assert/strict'
import { PATIENCE_MS } from './groundwire.ts'

/** Lets the event loop turn for data that is on its way. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

/** Lets the event loop turn until a condition holds that nothing notifies of. For tests whose timers are mocked. */
export async function turnUntil(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    assert(performance.now() < end, `${what} did not come`)
    await turn()
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
