import { execFileSync, spawnSync } from 'node:child_process'

/** An independent program to compare with. */
export interface Tool {
  /** Runs it, and returns its standard output. @throws if its exit code is not 0 */
  run(...args: string[]): string
}

/**
 * Finds a program by name. Undefined if it is not installed; the test then skips with a word:
 *
 *     const tshark = tool('tshark')
 *     if (!tshark) return t.skip('tshark is not installed')
 *
 * Under CI it is an error: every peer must be installed there.
 */
export function tool(name: string): Tool | undefined {
  // Each tool answers one of these flags without reading standard input.
  const found = ['--version', '-V'].some(flag => {
    const { error } = spawnSync(name, [flag], { stdio: 'ignore', timeout: 30_000 })
    return !error
  })
  if (!found) {
    if (process.env['CI']) throw new Error(`${name} is not installed, and CI needs it`)
    return undefined
  }
  return {
    run: (...args) =>
      execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 }),
  }
}
