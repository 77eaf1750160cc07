import { execFileSync, spawnSync } from 'node:child_process'

/** An independent program that a test compares with. */
export interface Tool {
  /** Runs it, and gives its standard output. @throws where it exits with anything but 0. */
  run(...args: string[]): string
}

/**
 * Finds a program by name: undefined where it is not installed, and the test skips with a word:
 *
 *     const tshark = tool('tshark')
 *     if (!tshark) return t.skip('tshark is not installed')
 *
 * Under CI it is an error: there every peer has to be installed.
 */
export function tool(name: string): Tool | undefined {
  // Each of them answers one of these, and none of them reads standard input for it.
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
