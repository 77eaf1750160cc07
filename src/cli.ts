#!/usr/bin/env node
import { writeSync } from 'node:fs'
import module from 'node:module'

// Node 22 keeps compiled code between runs; it has to be told before anything else is loaded.
const { enableCompileCache } = module as { enableCompileCache?: () => void }
enableCompileCache?.()
const { main } = await import('./main.ts').catch(endWithoutDescriptors)

const stop = new AbortController()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    // The first asks a command to finish; the second does not wait for it.
    if (stop.signal.aborted) process.exit(code)
    stop.abort(signal)
  })
}
// A reader that has gone away is told to whoever writes; without a listener the process would end in a stack trace.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const { stdout, stderr, env } = process
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

/** With too few file descriptors not even the program can be loaded, nor what renders errors: Node would print its own trace. */
function endWithoutDescriptors(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error
  writeSync(
    2,
    'groundwire: error: too few file descriptors to start (ulimit -n sets how many there may be)\n',
  )
  process.exit(1)
}
