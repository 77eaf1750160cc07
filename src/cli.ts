#!/usr/bin/env node
import { writeSync } from 'node:fs'
import module from 'node:module'

// Node 22 can keep compiled code between runs. Turn that on before anything else is loaded.
const { enableCompileCache } = module as { enableCompileCache?: () => void }
enableCompileCache?.()
const [{ main }, { StandardError }] = await Promise.all([
  import('./main.ts'),
  import('./commands/shared/terminal/standard-error.ts'),
]).catch(endWithoutDescriptors)

/** Time limit of a command's end after a signal, in ms, two seconds of flush included. */
const END_MS = 2_900
/** Time that the last lines wait for a reader, in ms. */
const LAST_LINES_MS = 1_000

const stderr = new StandardError()
const stop = new AbortController()
let endBy = Number.POSITIVE_INFINITY
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    // The first signal asks the command to finish; the second ends it at once.
    if (stop.signal.aborted) process.exit(code)
    endBy = performance.now() + END_MS
    // Anything left by then waits for a reader that takes nothing, usually that of standard output.
    setTimeout(() => process.exit(process.exitCode ?? 1), END_MS).unref()
    stop.abort(signal)
  })
}
// Each write reports a reader that has gone. Without a listener, the process would end in a stack trace.
process.stdout.on('error', () => {})

const { stdout, env } = process
const io = {
  // Only a command that reads standard input opens it: opening a pipe changes it for a script that shares it.
  get stdin() {
    return process.stdin
  },
  stdout,
  stderr,
  env,
  stop: stop.signal,
}
process.exitCode = await main(process.argv.slice(2), io).catch(endWithoutDescriptors)
await stderr.flush(Math.min(LAST_LINES_MS, endBy - performance.now() - 100))

/** With too few file descriptors, neither the program nor its error output can be loaded: Node would print its own trace. */
function endWithoutDescriptors(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error
  writeSync(
    2,
    'groundwire: error: too few file descriptors to start (ulimit -n sets how many there may be)\n',
  )
  process.exit(1)
}
