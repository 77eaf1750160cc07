import { spawnSync } from 'node:child_process'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { PROJECT } from '../../scripts/project.ts'

/**
 * A Python that can import these modules, as an independent peer: $PYTHON, then python3, then the system's. Undefined, with the
 * test skipped, if there is no such Python; in CI that is a failure.
 */
export function findPython(t: TestContext, ...modules: string[]): string | undefined {
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter(name => name !== undefined)
  const python = candidates.find(
    name => spawnSync(name, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0,
  )
  if (python !== undefined) return python
  const reason = `no Python with ${modules.join(' and ')}`
  if (process.env['CI']) throw new Error(`${reason}: install it, or name it with PYTHON`)
  t.skip(reason)
  return undefined
}

/** Runs one of the Python scripts of test/helpers: what it gets is JSON, and so is what it answers. */
export function runPython(python: string, script: string, args: string[], input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync(
    python,
    [path.join(PROJECT, 'test/helpers', script), ...args],
    {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`)
  return JSON.parse(stdout)
}
