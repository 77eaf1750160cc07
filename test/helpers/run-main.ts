import { PassThrough } from 'node:stream'
import { main } from '../../src/main.ts'
import type { Io } from '../../src/commands/shared/session.ts'

/**
 * Runs a command line in this process, for the many that end before they open anything. Returns the output that its
 * process would write, and its exit code.
 */
export async function runMain(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const stop = new AbortController().signal
  const code = await main(argv, { stdin, stdout, stderr, env, stop } as unknown as Io)
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}
