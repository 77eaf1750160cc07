import { constants, openSync } from 'node:fs'

const FLAGS = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens what a descriptor has open once more, for writing that never waits: a full pipe or a stopped terminal then says
 * EAGAIN. The mode belongs to the new descriptor alone, so other processes that share the old one don't notice.
 * @returns undefined where the system can't: a socket, another user's terminal, no /proc
 */
export function reopenNonBlocking(descriptor: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, FLAGS)
  } catch {
    return undefined
  }
}
