// Attacks of a hostile peer on the proxy, and on its other peers: npm run attacks, or npm run attacks -- --short.
import { parseArgs } from 'node:util'
import type { Attack } from './attack.ts'
import { BY_CONNECTIONS } from './by-connections.ts'
import { BY_HANDSHAKES } from './by-handshakes.ts'
import { BY_PUBLISHERS } from './by-publishers.ts'
import { BY_SUBSCRIBERS } from './by-subscribers.ts'
import { Trial, type TrialReport } from './trial.ts'

const ATTACKS: readonly Attack[] = [...BY_PUBLISHERS, ...BY_SUBSCRIBERS, ...BY_CONNECTIONS, ...BY_HANDSHAKES]

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})

const chosen = ATTACKS.filter(({ name }) => values.only === undefined || name.includes(values.only))
process.stdout.write(`seed ${values.seed}\n\n`)
process.stdout.write('| attack | what it did | rightful | slowest, ms | peak RSS, MiB | after | verdict |\n')
process.stdout.write('| --- | --- | --- | --- | --- | --- | --- |\n')
let failed = chosen.length === 0
for (const attack of chosen) {
  const report = await Trial.run(attack, { short: values.short, seed: Number(values.seed) })
  failed ||= report.faults.length > 0
  process.stdout.write(`${rowOf(attack, report)}\n`)
}
process.exitCode = failed ? 1 : 0

function rowOf({ name }: Attack, { did, pair, peakMiB, afterMiB, seconds, faults }: TrialReport): string {
  const verdict = faults.length === 0 ? `passed, ${seconds} s` : `FAILED: ${faults.join('; ')}`
  const rightful = `${pair.received} of ${pair.sent}, lost ${pair.sent - pair.received}`
  return `| ${[name, did, rightful, pair.slowestMs, peakMiB, afterMiB, verdict].join(' | ')} |`
}
