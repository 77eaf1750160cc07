import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plotLatency } from '../../../src/commands/bench/plot.ts'
import { reportText } from '../../../src/commands/bench/report-text.ts'
import type { SizeReport } from '../../../src/commands/bench/size-report.ts'

const latency = { p50: 150, p99: 2_500, p999: 3_000, max: 10_000 }
const REPORT: SizeReport = {
  size: 256,
  noDropRate: 50_000,
  limitedBy: null,
  burst: 4096,
  overload: {
    offered: 100_000,
    delivered: 0.625,
    recoveryMs: 12,
    roles: { proxy: { cpuUs: 9, peakMiB: 88.6 } },
  },
  latency: [{ rate: 5_000, lost: 0, ...latency }],
  roles: { proxy: { cpuUs: 10.06, peakMiB: 80.2 } },
  points: [
    { rate: 5_000, p50: 150, p99: 2_500 },
    { rate: 50_000, p50: 400, p99: 90_000 },
  ],
}

test('a report has the rate, the latencies, and the roles', () => {
  const text = reportText([REPORT])
  assert.match(text, /^256 +50,000\/s +102 +4,096 +62 % +12 ms$/m)
  assert.match(text, /^256 +5,000\/s +150 µs +2\.5 ms +3\.0 ms +10\.0 ms +0$/m)
  assert.match(text, /^256 +proxy +10\.1 µs +80 MiB +89 MiB$/m)
  assert.match(text, /latency over rate/)
  assert.doesNotMatch(text, /may carry more/)
})

test('a report says what of the bench itself was the limit', () => {
  assert.match(
    reportText([{ ...REPORT, limitedBy: 'generator' }]),
    /≥ 50,000\/s[^]*generator could not send faster/,
  )
  assert.match(
    reportText([{ ...REPORT, limitedBy: 'receiver' }]),
    /dropped datagrams at the bench's own receiver/,
  )
})

test('the plot marks both percentiles within its frame', () => {
  const plot = plotLatency(REPORT.points)
  const rows = plot.split('\n').filter(line => line.includes('│'))
  assert.equal(rows.length, 12)
  assert.match(rows[0] ?? '', /^ +100 ms │ +x$/)
  assert.match(rows.at(-1) ?? '', /^ +100 µs │/)
  assert.equal(rows.join('').match(/[ox#]/g)?.length, 4)
  assert.equal(plotLatency([]), '')
})
