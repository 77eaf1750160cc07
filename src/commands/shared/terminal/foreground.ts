import { readFileSync } from 'node:fs'

/**
 * Whether this process is in the foreground of its terminal, so that the screen is its to draw on. In the background
 * (`groundwire proxy &`) somebody types there. False where that can't be known: Linux tells, in proc_pid_stat(5).
 */
export function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The name, which comes first, may hold anything: brackets and spaces too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [, , group, , , foreground] = fields
    return group !== undefined && group === foreground
  } catch {
    return false
  }
}
