// npm run faults: runs groundwire on four hosts, with each kind of fault at each of them. See test/faults/README.md.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CELL_COLUMNS } from './cell.ts'
import { chooseJobs } from './jobs.ts'
import { whyNoNetwork } from './network.ts'
import { failuresOf, type Job, linesOf, outcomeOf, type Result, tableOf } from './result.ts'

const say = (text: string) => process.stderr.write(`faults: ${text}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The networks, and all processes in them, end with this process.
  process.once(signal, () => process.exit(1))
}

try {
  process.exitCode = await main()
} catch (error) {
  // A wrong word on the command line.
  if (!(error instanceof TypeError)) throw error
  say(error.message)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      carrier: { type: 'string' },
      lanes: { type: 'string', default: '2' },
      json: { type: 'string' },
    },
  })
  const { short, only, carrier, json } = values
  const lanes = Number(values.lanes)
  if (!Number.isInteger(lanes) || lanes < 1)
    throw new TypeError(`--lanes is a number from 1, not '${values.lanes}'`)
  const jobs = chooseJobs({ short, only, carrier })

  const reason = whyNoNetwork()
  if (reason !== undefined) {
    say(`skipped: network namespaces cannot be made here, as root could where containers allow it: ${reason}`)
    // CI requires everything to run.
    return process.env['CI'] ? 1 : 0
  }
  const started = performance.now()
  const results = await runAll(jobs, lanes)
  const failed = results.filter(({ failures }) => failures.length > 0)
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  const cells = results.filter(({ kind }) => kind === 'cell')
  const scenarios = results.filter(({ kind }) => kind === 'scenario')
  const parts = [
    cells.length > 0 ? tableOf(cells, CELL_COLUMNS) : '',
    linesOf(scenarios),
    failuresOf(failed),
    `${results.length - failed.length} of ${results.length} passed, in ${minutes} minutes\n`,
  ]
  process.stdout.write(parts.filter(part => part !== '').join('\n'))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
  return failed.length === 0 ? 0 : 1
}

/** Runs jobs, so many at a time. Resolves with their results in the order of the jobs. */
async function runAll(jobs: readonly Job[], lanes: number): Promise<Result[]> {
  const results: Result[] = []
  const waiting = jobs.entries()
  const lane = async () => {
    for (const [index, job] of waiting) {
      const result = await outcomeOf(job)
      results[index] = result
      say(`${result.failures.length === 0 ? 'ok  ' : 'FAIL'} ${job.name} over ${job.carrier}`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
