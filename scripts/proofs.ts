/**
 * Runs what takes too long, or needs too quiet a machine, for `npm test`:
 *
 *     npm run proofs
 *     npm run proofs -- --short     as CI does, in some minutes
 *
 * These are the tests of times in test/proofs/, the properties tried many times more, the attacks and the faults.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { PROJECT } from './project.ts'

/** How many times more often a property is tried than in `npm test`. */
const FACTOR = { short: 2, long: 50 }

/** Time limit for one file, in ms. */
const LIMIT_MS = 1_800_000

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } })
const tests = path.join(PROJECT, 'build/test')
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).sort()
const proofs = files.filter(name => name.endsWith('.proof.js'))
const properties = files.filter(
  name =>
    name.endsWith('.test.js') && readFileSync(path.join(tests, name), 'utf8').includes('helpers/property.js'),
)
const short = values.short ? ['--', '--short'] : []

const steps: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ['times', process.execPath, testArgs(proofs)],
  ['properties', process.execPath, testArgs(properties)],
  ['attacks', 'npm', ['run', 'attacks', ...short]],
  ['faults', 'npm', ['run', 'faults', ...short]],
]

function testArgs(names: readonly string[]): string[] {
  const paths = names.map(name => path.join(tests, name))
  return ['--enable-source-maps', '--test', '--test-concurrency=1', `--test-timeout=${LIMIT_MS}`, ...paths]
}

const env = { ...process.env, PROPERTY_FACTOR: String(values.short ? FACTOR.short : FACTOR.long) }
const outcomes = steps.map(([name, program, args]) => {
  process.stdout.write(`\n== ${name}\n`)
  const started = performance.now()
  const { status } = spawnSync(program, args, { stdio: 'inherit', cwd: PROJECT, env })
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  if (status !== 0) process.exitCode = 1
  return `${seconds.padStart(5)} s  ${status === 0 ? 'passed' : 'FAILED'}  ${name}\n`
})
process.stdout.write(`\n${outcomes.join('')}`)
