import type { WaitOptions } from '../condition.ts'

/** Decides when each message of a stream goes out. Time starts with the first one, which never waits. */
export interface Pacer {
  /**
   * Takes the turn of the next message.
   *
   * @param time the message's own time, in nanoseconds since 1970-01-01T00:00:00Z, where it has one
   * @returns undefined where the message is due by now, so that nothing need be awaited; else a promise that resolves when it
   *   is, and rejects with the signal's reason
   */
  next(time?: bigint, options?: WaitOptions): Promise<void> | undefined
}
