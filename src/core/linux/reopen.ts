import { constants, openSync } from 'node:fs'

const FLAGS = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens the file of a descriptor a second time, for writing without blocking: a full pipe or a stopped terminal then
 * gives EAGAIN. The mode applies to the new descriptor only, so other processes that share the old one are not
 * affected.
 * @returns undefined if the system can't: a socket, another user's terminal, no /proc
 */
export function reopenNonBlocking(descriptor: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, FLAGS)
  } catch {
    return undefined
  }
}
