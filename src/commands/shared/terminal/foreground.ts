import { readFileSync } from 'node:fs'

/**
 * Whether this process is in the foreground of its terminal, and so may draw on the screen. If it is in the background
 * (`groundwire proxy &`), somebody types there. Only Linux tells, in proc_pid_stat(5); false on other systems.
 */
export function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The name comes first, and may hold anything, brackets and spaces too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [, , group, , , foreground] = fields
    return group !== undefined && group === foreground
  } catch {
    return false
  }
}
