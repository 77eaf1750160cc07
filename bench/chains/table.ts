import { grouped, microseconds } from '../../src/core/format/figures.ts'
import { markdownTable, type Rows } from '../../src/core/format/table.ts'
import { median, percent, spreadText } from '../statistics.ts'
import { type ChainResult, type ColdResult, cpuOf } from './result.ts'

/** Formats the chains in Markdown. Ratios are relative to groundwire: over 1 is more than groundwire's. */
export function chainTables(results: readonly ChainResult[]): string {
  const sizes = [...new Set(results.map(({ size }) => size))]
  const parts = sizes.map(size => {
    const rows = results.filter(result => result.size === size)
    return `${size} bytes, warm\n\n${markdownTable(rateRows(rows))}`
  })
  const first = results.filter(({ rates }) => rates.length > 0)
  const rates = [...new Set(first.flatMap(row => row.rates.map(({ rate }) => rate)))]
  const at = rates.map(
    rate =>
      `${first[0]?.size} bytes at ${grouped(rate)}/s, warm\n\n${markdownTable(latencyRows(first, rate))}`,
  )
  const beyond = results.filter(({ burst }) => burst !== null)
  const more =
    beyond.length === 0
      ? []
      : [`Beyond the no-drop rate, ${beyond[0]?.size} bytes\n\n${markdownTable(overloadRows(beyond))}`]
  return [...parts.slice(0, 1), ...at, ...more, ...parts.slice(1)].join('\n')
}

/** Formats the chains' first seconds in Markdown. */
export function coldTable(results: readonly ColdResult[], warm: readonly ChainResult[]): string {
  const size = warm[0]?.size
  const rate = results.find(({ atRate }) => atRate !== null)?.atRate?.rate ?? 0
  const at = `at ${grouped(rate)}/s`
  return markdownTable([
    [
      'chain',
      'no-drop rate',
      'of warm',
      `${at}: trials without loss`,
      'lost at most',
      'p50',
      'p99',
      'spread',
    ],
    ...results.map(({ chain, noDrop, limitedBy, atRate }) => {
      const warmRate = median(warm.find(row => row.chain === chain && row.size === size)?.noDrop ?? [])
      return [
        chain,
        rateText(noDrop, limitedBy),
        warmRate === 0 ? '' : (noDrop / warmRate).toFixed(2),
        ...(atRate === null
          ? ['', '', '', '', '']
          : [
              `${atRate.lossless} of ${atRate.trials}`,
              grouped(atRate.worstLoss),
              microseconds(atRate.p50),
              microseconds(atRate.p99),
              spreadText(atRate.spread),
            ]),
      ]
    }),
  ])
}

/** A no-drop rate for the eye: '≥' where the bench itself was the limit. */
export function rateText(rate: number, limitedBy: ChainResult['limitedBy']): string {
  return `${limitedBy === null ? '' : '≥ '}${grouped(rate)}/s`
}

function rateRows(rows: readonly ChainResult[]): Rows {
  const own = rows.find(({ chain }) => chain === 'groundwire')
  return [
    ['chain', 'no-drop rate', 'ratio', 'spread', 'CPU a message', 'peak RSS'],
    ...rows.map(row => {
      const [rate, cpuUs] = [median(row.noDrop), cpuOf(row.roles)]
      return [
        row.chain,
        rateText(rate, row.limitedBy),
        own === undefined ? '' : (rate / Math.max(1, median(own.noDrop))).toFixed(2),
        spreadText(row.spread),
        cpuUs === 0 ? '' : `${cpuUs.toFixed(1)} µs`,
        peaks(row.roles),
      ]
    }),
  ]
}

function latencyRows(rows: readonly ChainResult[], rate: number): Rows {
  const figures = (row: ChainResult | undefined) => row?.rates.find(each => each.rate === rate)
  const own = figures(rows.find(({ chain }) => chain === 'groundwire'))
  return [
    ['chain', 'p50', 'ratio', 'p99', 'ratio', 'spread', 'CPU a message', 'lost'],
    ...rows.flatMap(row => {
      const at = figures(row)
      if (at === undefined) return []
      return [
        [
          row.chain,
          microseconds(at.p50),
          ratio(at.p50, own?.p50),
          microseconds(at.p99),
          ratio(at.p99, own?.p99),
          spreadText(at.spread),
          at.cpuUs === 0 ? '' : `${at.cpuUs.toFixed(1)} µs`,
          grouped(at.lost),
        ],
      ]
    }),
  ]
}

function ratio(us: number, ownUs: number | undefined): string {
  return ownUs === undefined ? '' : (us / Math.max(0.1, ownUs)).toFixed(2)
}

function overloadRows(rows: readonly ChainResult[]): Rows {
  return [
    ['chain', 'burst without loss', 'delivered of twice the rate', 'recovers in', 'peak RSS'],
    ...rows.map(({ chain, burst, overload }) => [
      chain,
      grouped(burst ?? 0),
      percent(overload?.delivered ?? 0),
      `${overload?.recoveryMs ?? 0} ms`,
      peaks(overload?.roles ?? {}),
    ]),
  ]
}

function peaks(roles: ChainResult['roles']): string {
  const all = Object.values(roles).map(({ peakMiB }) => Math.round(peakMiB))
  return all.length === 0 ? '' : `${all.join(' + ')} MiB`
}
