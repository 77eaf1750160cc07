import { markdownTable } from '../../src/core/format/table.ts'
import { percent, spreadText } from '../statistics.ts'
import type { ProxyCost, ScaleResult } from './scale.ts'

/** A generator that published less than this share did not offer the load. */
const OFFERED_SHARE = 0.97

/** The cost of the proxies by case, as a table in Markdown. */
export function scaleTable(results: readonly ScaleResult[]): string {
  return markdownTable([
    [
      'CPU time of the proxy a message delivered',
      'C',
      'spread',
      'delivered',
      'groundwire',
      'spread',
      'delivered',
      'ratio',
      'target',
    ],
    ...results.map(rowOf),
  ])
}

function rowOf({ name, target, proxies }: ScaleResult): string[] {
  const [c, own] = [proxies['C'], proxies['groundwire']]
  const ratio = c === undefined || own === undefined ? undefined : own.cpuUs / c.cpuUs
  return [
    name,
    ...cellsOf(c),
    ...cellsOf(own),
    ratio === undefined ? '' : ratio.toFixed(2),
    `${target.toFixed(1)}${isMet(target, ratio, own) ? '' : ' (missed)'}`,
  ]
}

function isMet(target: number, ratio: number | undefined, own: ProxyCost | undefined): boolean {
  return ratio === undefined || own === undefined || (ratio <= target && own.delivered >= 1)
}

function cellsOf(cost: ProxyCost | undefined): string[] {
  if (cost === undefined) return ['', '', '']
  const offered = cost.offered < OFFERED_SHARE ? ` of ${percent(cost.offered)} offered` : ''
  return [`${cost.cpuUs.toFixed(1)} µs`, spreadText(cost.spread), `${percent(cost.delivered)}${offered}`]
}
