#!/usr/bin/env node
import { writeSync } from 'node:fs'
import module from 'node:module'

// Node 22 keeps compiled code between runs; it has to be told before anything else is loaded.
const { enableCompileCache } = module as { enableCompileCache?: () => void }
enableCompileCache?.()
const [{ main }, { StandardError }] = await Promise.all([
  import('./main.ts'),
  import('./commands/shared/terminal/standard-error.ts'),
]).catch(endWithoutDescriptors)

/** All that a command may take to end after a signal, in ms: the flush has two seconds of it. */
const END_MS = 2_900
/** Time that the last lines may wait for their reader, in ms. */
const LAST_LINES_MS = 1_000

const stderr = new StandardError()
const stop = new AbortController()
let endBy = Number.POSITIVE_INFINITY
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    // The first asks a command to finish; the second does not wait for it.
    if (stop.signal.aborted) process.exit(code)
    endBy = performance.now() + END_MS
    // Anything left by then waits for somebody who takes nothing, usually the reader of standard output.
    setTimeout(() => process.exit(process.exitCode ?? 1), END_MS).unref()
    stop.abort(signal)
  })
}
// A reader that has gone away is told to whoever writes; without a listener the process would end in a stack trace.
process.stdout.on('error', () => {})

const { stdout, env } = process
const io = {
  // Opened only by a command that reads it: to open a pipe changes it for the script that shares it.
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

/** With too few file descriptors not even the program can be loaded, nor what renders errors: Node would print its own trace. */
function endWithoutDescriptors(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error
  writeSync(
    2,
    'groundwire: error: too few file descriptors to start (ulimit -n sets how many there may be)\n',
  )
  process.exit(1)
}
