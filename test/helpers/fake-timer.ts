import type { WaitOptions } from '../../src/core/condition.ts'
import type { Timer } from '../../src/core/pacing/timer.ts'

/** A timer whose time goes on only while somebody waits for it, or as the test says. It wakes those who wait too soon. */
export class FakeTimer implements Timer {
  time = 5_000

  now(): number {
    return this.time
  }

  async sleep(ms: number, { signal }: WaitOptions): Promise<void> {
    signal?.throwIfAborted()
    this.time += Math.max(ms / 2, 1e-3)
  }
}
