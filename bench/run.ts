// npm run bench: runs the same trials on groundwire and its alternatives in turn. See bench/README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { PROJECT } from '../scripts/project.ts'
import type { RoleOptions } from '../src/commands/bench/chain.ts'
import { type Measured, type PartOptions, PART_RUNNERS } from './parts.ts'
import { ForeignLoad } from './foreign-load.ts'
import { type PartName, type PartResult, partsOf, readResult, resultFile, type RunResult } from './result.ts'
import { casesOf } from './scale/cases.ts'
import { tablesOf } from './tables.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    sizes: { type: 'string' },
    cases: { type: 'string' },
    duration: { type: 'string' },
    repeat: { type: 'string' },
    name: { type: 'string' },
  },
})
const { quick } = values
const parts = partsOf(values.only)
const cases = casesOf(values.cases)
const say = (text: string) => process.stderr.write(`bench: ${text}\n`)
/** Runs groundwire from its build. */
const run: RoleOptions = {
  groundwire: [process.execPath, path.join(PROJECT, 'dist', 'cli.js')],
  env: process.env,
}
const options: PartOptions = {
  run,
  quick,
  peers: values.peers?.split(',') ?? [],
  sizes: (values.sizes ?? (quick ? '256' : '256,64,1400,8192')).split(',').map(Number),
  cases,
  durationMs: Number(values.duration ?? (quick ? 400 : 2000)),
  repeat: Number(values.repeat ?? (quick ? 1 : 5)),
  say,
}

const name = values.name ?? (quick ? 'quick' : 'latest')
const result: Partial<Record<PartName, PartResult<unknown>>> = readResult(name)
mkdirSync(path.dirname(resultFile(name, 'json')), { recursive: true })
for (const part of parts) {
  const measured = await measure(part)
  result[part] = measured
  // A part that is done is kept, whatever happens to the next one.
  writeFileSync(resultFile(name, 'json'), `${JSON.stringify(result, null, 1)}\n`)
  writeFileSync(resultFile(name, 'md'), tablesOf(result as RunResult))
  process.stdout.write(tablesOf({ [part]: measured }))
}
process.exit()

async function measure(part: PartName): Promise<PartResult<unknown>> {
  const started = new Date()
  const foreign = new ForeignLoad()
  const measured: Measured = await PART_RUNNERS[part](options)
  for (const [missing, why] of Object.entries(measured.skipped)) say(`without ${missing}: ${why}`)
  return {
    started: started.toISOString(),
    minutes: Math.round((Date.now() - started.getTime()) / 6000) / 10,
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    foreign: foreign.stop() ?? null,
    ...measured,
  }
}
