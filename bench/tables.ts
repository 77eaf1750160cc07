// The result of a run, as it is kept, and as tables for people.
import type { LatencyAtRate, OverloadFigures } from '../src/commands/bench/measure.ts'
import type { RoleFigures, Trial } from '../src/commands/bench/load.ts'
import { microseconds, grouped } from '../src/core/format/figures.ts'
import { markdownTable } from '../src/core/format/table.ts'
import { commandsTable } from './commands-table.ts'
import type { CommandResult } from './commands.ts'

/** The figures of one chain for datagrams of one size. */
export interface PeerResult {
  readonly chain: string
  /** Bytes per datagram. */
  readonly size: number
  /** No-drop rate found by each search, in datagrams per second. */
  readonly noDrop: readonly number[]
  /** Range of these rates, as a share of their median. */
  readonly spread: number
  readonly limitedBy: Trial['limitedBy']
  /** At 5,000 datagrams per second. */
  readonly latency: LatencyAtRate
  readonly roles: Readonly<Record<string, RoleFigures>>
  readonly burst: number | undefined
  readonly overload: OverloadFigures | undefined
}

/** One run of `npm run bench`, as stored in bench/results. */
export interface RunResult {
  readonly started: string
  readonly minutes: number
  readonly machine: string
  readonly trialMs: number
  /** Chains that could not be run, with the reason. */
  readonly skipped: Readonly<Record<string, string>>
  readonly results: readonly PeerResult[]
  readonly commands: readonly CommandResult[]
}

/** The median, or the lower of the two middle values. */
export function median(values: readonly number[]): number {
  return middleBy(values, value => value) ?? 0
}

/** Returns the item with the median figure. */
export function middleBy<T>(items: readonly T[], figure: (item: T) => number): T | undefined {
  const sorted = [...items].sort((a, b) => figure(a) - figure(b))
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

export function spread(values: readonly number[]): number {
  const middle = median(values)
  return middle === 0 ? 0 : Math.round(((Math.max(...values) - Math.min(...values)) / middle) * 1000) / 1000
}

/** Formats the tables of a run in Markdown. Ratios are relative to groundwire: over 1 is more than groundwire's. */
export function tablesOf({
  started,
  minutes,
  machine,
  trialMs,
  skipped,
  results,
  commands,
}: RunResult): string {
  const sizes = [...new Set(results.map(({ size }) => size))]
  const parts = sizes.map(size => {
    const rows = results.filter(result => result.size === size)
    const own = rows.find(({ chain }) => chain === 'groundwire')
    return `${size} bytes\n\n${markdownTable([
      [
        'chain',
        'no-drop rate',
        'ratio',
        'spread',
        'p50 at 5,000/s',
        'p99',
        'ratio',
        'CPU a message',
        'peak RSS',
      ],
      ...rows.map(row => rowOf(row, own)),
    ])}`
  })
  const beyond = results.filter(({ burst }) => burst !== undefined)
  if (beyond.length > 0) {
    parts.push(
      `Beyond the no-drop rate, ${beyond[0]?.size ?? ''} bytes\n\n${markdownTable([
        ['chain', 'burst without loss', 'delivered of twice the rate', 'recovers in', 'peak RSS'],
        ...beyond.map(({ chain, burst, overload }) => [
          chain,
          grouped(burst ?? 0),
          `${Math.floor((overload?.delivered ?? 0) * 100)} %`,
          `${overload?.recoveryMs ?? 0} ms`,
          peaks(overload?.roles ?? {}),
        ]),
      ])}`,
    )
  }
  if (commands.length > 0) parts.push(commandsTable(commands))
  const left = Object.entries(skipped).map(([chain, why]) => `Without ${chain}: ${why}.\n`)
  const when = `Measured on ${started.slice(0, 10)} in ${minutes} minutes on ${machine}; ${trialMs / 1000} s a trial.\n`
  return [when, ...left, ...parts].join('\n')
}

function rowOf(row: PeerResult, own: PeerResult | undefined): string[] {
  const rate = median(row.noDrop)
  const cpuUs = Object.values(row.roles).reduce((sum, role) => sum + role.cpuUs, 0)
  return [
    row.chain,
    `${row.limitedBy === null ? '' : '≥ '}${grouped(rate)}/s`,
    own === undefined ? '' : (rate / Math.max(1, median(own.noDrop))).toFixed(2),
    `${Math.round(row.spread * 100)} %`,
    microseconds(row.latency.p50),
    microseconds(row.latency.p99),
    own === undefined ? '' : (row.latency.p99 / Math.max(0.1, own.latency.p99)).toFixed(2),
    cpuUs === 0 ? '' : `${cpuUs.toFixed(1)} µs`,
    peaks(row.roles),
  ]
}

function peaks(roles: PeerResult['roles']): string {
  const all = Object.values(roles).map(({ peakMiB }) => Math.round(peakMiB))
  return all.length === 0 ? '' : `${all.join(' + ')} MiB`
}
