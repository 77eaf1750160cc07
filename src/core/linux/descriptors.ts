import { readdirSync, readFileSync } from 'node:fs'

/** File descriptors of this process: the most it may have open, and the number open now. */
export interface Descriptors {
  readonly limit: number
  readonly open: number
}

/** The limit as last read. It can't be read again once no descriptor is left. */
let knownLimit = 0

/** Counts this process's file descriptors. Linux only; undefined elsewhere. */
export function countDescriptors(): Descriptors | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1])
    if (Number.isNaN(limit)) return undefined
    knownLimit = limit
    return { limit, open: readdirSync('/proc/self/fd').length - 1 }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // No descriptor is left to read the folder with.
    return code === 'EMFILE' || code === 'ENFILE' ? { limit: knownLimit, open: knownLimit } : undefined
  }
}
