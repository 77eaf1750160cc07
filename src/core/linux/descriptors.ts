import { readdirSync, readFileSync } from 'node:fs'

/** How many file descriptors this process may have open, and has. */
export interface Descriptors {
  readonly limit: number
  readonly open: number
}

/** The limit as it was read last: where no descriptor is left, it can't be read again. */
let knownLimit = 0

/** Counts this process's file descriptors. Undefined where the system doesn't tell: on another than Linux. */
export function countDescriptors(): Descriptors | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1])
    // The folder itself is open while it is read.
    if (Number.isNaN(limit)) return undefined
    knownLimit = limit
    return { limit, open: readdirSync('/proc/self/fd').length - 1 }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // None is left to look with.
    return code === 'EMFILE' || code === 'ENFILE' ? { limit: knownLimit, open: knownLimit } : undefined
  }
}
