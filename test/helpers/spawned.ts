import assert from 'node:assert/strict'
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { CLI, PATIENCE_MS } from './groundwire.ts'

/** A `groundwire` with any standard streams that a test gives it. */
export interface Spawned {
  readonly process: ChildProcess
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

export function spawnGroundwire(
  t: TestContext,
  words: string,
  stdio: StdioOptions,
  env: Readonly<Record<string, string>> = {},
): Spawned {
  const child = spawn(process.execPath, [CLI, ...words.split(' ')], {
    stdio,
    env: { ...process.env, ...env },
  })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? signal))
  })
  // It may end before it has read all input.
  child.stdin?.on('error', () => {})
  t.after(async () => {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended
  })
  return { process: child, ended }
}

/** Polls until a condition holds that no event reports. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    assert(performance.now() < end, `${what} did not come`)
    await after(10)
  }
}

/** Resolves when a file exists. */
export function untilExists(path: string): Promise<void> {
  return eventually(() => existsSync(path), path)
}
