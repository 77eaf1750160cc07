// npm run faults: groundwire on four hosts, with a fault of each kind at each of them. See test/faults/README.md.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CELL_COLUMNS } from './cell.ts'
import { chooseJobs } from './jobs.ts'
import { whyNoNetwork } from './network.ts'
import { failuresOf, linesOf, outcomeOf, type Result, tableOf } from './result.ts'

const say = (text: string) => process.stderr.write(`faults: ${text}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The networks go at the process's exit, and with them all that runs in them.
  process.once(signal, () => process.exit(1))
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    carrier: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
})

const reason = whyNoNetwork()
if (reason === undefined) process.exitCode = await main()
else {
  say(`skipped: network namespaces cannot be made here, as root could where containers allow it: ${reason}`)
  // There everything has to run.
  if (process.env['CI']) process.exitCode = 1
}

async function main(): Promise<number> {
  const lanes = Number(values.lanes)
  if (!Number.isInteger(lanes) || lanes < 1)
    throw new TypeError(`--lanes is a number from 1, not '${values.lanes}'`)
  const { short, only, carrier } = values
  const started = performance.now()
  const jobs = chooseJobs({ short, only, carrier })
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

  const cells = results.filter(({ kind }) => kind === 'cell')
  const scenarios = results.filter(({ kind }) => kind === 'scenario')
  const parts = [tableOf(cells, CELL_COLUMNS), linesOf(scenarios), failuresOf(results)]
  const kinds = [cells, scenarios, results.filter(({ failures }) => failures.length > 0)]
  for (const [index, part] of parts.entries()) if (kinds[index]?.length) process.stdout.write(`${part}\n`)
  const failed = results.filter(({ failures }) => failures.length > 0).length
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  process.stdout.write(`${results.length - failed} of ${results.length} passed, in ${minutes} minutes\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  return failed === 0 ? 0 : 1
}
