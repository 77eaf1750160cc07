import { readdirSync, readFileSync } from 'node:fs'

/** How many file descriptors this process may have open, and has. */
export interface Descriptors {
  readonly limit: number
  readonly open: number
}

/** Counts this process's file descriptors. Undefined where the system doesn't tell: on another than Linux. */
export function countDescriptors(): Descriptors | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1])
    // The folder itself is open while it is read.
    return Number.isNaN(limit) ? undefined : { limit, open: readdirSync('/proc/self/fd').length - 1 }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // None is left to look with.
    return code === 'EMFILE' || code === 'ENFILE' ? { limit: 0, open: 0 } : undefined
  }
}
