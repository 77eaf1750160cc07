import { plotLatency } from './plot.ts'
import type { SizeReport } from './size-report.ts'
import { microseconds, grouped } from '../../core/format/figures.ts'
import { type Rows, textTable } from '../../core/format/table.ts'

/** Formats reports as text tables and a plot: the output of `groundwire bench`. */
export function reportText(reports: readonly SizeReport[]): string {
  const parts = [textTable(rateRows(reports)), textTable(latencyRows(reports)), textTable(roleRows(reports))]
  const widest = reports.find(({ size }) => size === 256) ?? reports[0]
  if (widest !== undefined && widest.points.length > 1)
    parts.push(`${widest.size} bytes\n${plotLatency(widest.points)}`)
  const notes = reports.filter(({ limitedBy }) => limitedBy !== null).map(limitNote)
  if (notes.length > 0) parts.push(notes.join(''))
  return parts.join('\n')
}

function rateRows(reports: readonly SizeReport[]): Rows {
  return [
    ['bytes', 'no-drop rate', 'Mbit/s', 'burst', 'of twice the rate', 'then recovers in'],
    ...reports.map(({ size, noDropRate, limitedBy, burst, overload }) => [
      String(size),
      `${limitedBy === null ? '' : '≥ '}${grouped(noDropRate)}/s`,
      grouped((noDropRate * size * 8) / 1e6),
      grouped(burst),
      `${Math.floor(overload.delivered * 100)} %`,
      `${grouped(overload.recoveryMs)} ms`,
    ]),
  ]
}

function latencyRows(reports: readonly SizeReport[]): Rows {
  return [
    ['bytes', 'at', 'p50', 'p99', 'p99.9', 'max', 'lost'],
    ...reports.flatMap(({ size, latency }) =>
      latency.map(({ rate, p50, p99, p999, max, lost }) => [
        String(size),
        `${grouped(rate)}/s`,
        ...[p50, p99, p999, max].map(microseconds),
        grouped(lost),
      ]),
    ),
  ]
}

function roleRows(reports: readonly SizeReport[]): Rows {
  return [
    ['bytes', 'role', 'CPU a message', 'peak RSS', 'at twice the rate'],
    ...reports.flatMap(({ size, roles, overload }) =>
      Object.entries(roles).map(([name, { cpuUs, peakMiB }]) => [
        String(size),
        name,
        `${cpuUs.toFixed(1)} µs`,
        `${Math.round(peakMiB)} MiB`,
        `${Math.round(overload.roles[name]?.peakMiB ?? 0)} MiB`,
      ]),
    ),
  ]
}

function limitNote({ size, limitedBy }: SizeReport): string {
  const why =
    limitedBy === 'generator'
      ? 'the load generator could not send faster on this machine'
      : "the kernel dropped datagrams at the bench's own receiver"
  return `${size} bytes: ${why}, so the chain may carry more than is shown\n`
}
