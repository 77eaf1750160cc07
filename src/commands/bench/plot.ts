import type { LatencyFigures } from './latency-histogram.ts'
import { microseconds, grouped } from '../../core/format/figures.ts'

/** The latency measured at a rate. */
export interface PlotPoint extends Pick<LatencyFigures, 'p50' | 'p99'> {
  readonly rate: number
}

const WIDTH = 64
const HEIGHT = 12
const LABEL = 8

/**
 * Draws latency over rate as text: `o` is the median, `x` the 99th percentile, `#` both. The latency scale is
 * logarithmic, because latency grows from microseconds to seconds when a chain reaches its limit.
 */
export function plotLatency(points: readonly PlotPoint[]): string {
  const values = points.flatMap(({ p50, p99 }) => [p50, p99]).filter(us => us > 0)
  if (values.length === 0) return ''
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)))
  const high = 10 ** Math.max(Math.log10(low) + 1, Math.ceil(Math.log10(Math.max(...values))))
  const last = Math.max(...points.map(({ rate }) => rate))
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => ' '))

  const mark = (rate: number, us: number, sign: string) => {
    const share = (Math.log10(Math.max(us, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
    const row = grid[HEIGHT - 1 - Math.round(share * (HEIGHT - 1))]
    const column = Math.round((rate / last) * (WIDTH - 1))
    if (row === undefined) return
    row[column] = row[column] === ' ' || row[column] === sign ? sign : '#'
  }
  for (const { rate, p50, p99 } of points) {
    mark(rate, p50, 'o')
    mark(rate, p99, 'x')
  }

  const labels = new Map([
    [0, microseconds(high)],
    [HEIGHT - 1, microseconds(low)],
  ])
  const lines = grid.map(
    (row, index) => `${(labels.get(index) ?? '').padStart(LABEL)} │${row.join('').trimEnd()}\n`,
  )
  const axis = `${' '.repeat(LABEL)} └${'─'.repeat(WIDTH)}\n`
  const scale = `${' '.repeat(LABEL + 2)}0${`${grouped(last)}/s`.padStart(WIDTH - 1)}\n`
  return `${' '.repeat(LABEL)} latency over rate: o p50, x p99, # both\n${lines.join('')}${axis}${scale}`
}
