import {
  every,
  FilterChain,
  grep,
  maxRate,
  maxSize,
  minSize,
  type NamedFilter,
  ofApid,
} from '../../core/tap/filter.ts'
import type { TapValues } from './options.ts'

/** The filters of the messages that tap looks at. Each has the name of its option as given. */
export function filtersOf(values: TapValues): FilterChain {
  const { 'min-size': least, 'max-size': most, apid, grep: pattern } = values
  const filters: NamedFilter[] = []
  if (least !== undefined) filters.push({ name: `--min-size ${least}`, takes: minSize(least) })
  if (most !== undefined) filters.push({ name: `--max-size ${most}`, takes: maxSize(most) })
  if (apid.length > 0) filters.push({ name: `--apid ${apid.join(', ')}`, takes: ofApid(apid) })
  if (pattern !== undefined) filters.push({ name: `--grep ${pattern.text}`, takes: grep(pattern) })
  return new FilterChain(filters)
}

/** The filters of the messages that tap shows, out of those it looks at. */
export function thinningOf({ every: count, 'max-rate': rate }: TapValues): FilterChain {
  const filters: NamedFilter[] = []
  if (count !== undefined) filters.push({ name: `--every ${count}`, takes: every(count) })
  if (rate !== undefined) filters.push({ name: `--max-rate ${rate}`, takes: maxRate(rate) })
  return new FilterChain(filters)
}

/** A sentence about the messages that filters left out. Undefined if they left out no message. */
export function leftOutText(...chains: readonly FilterChain[]): string | undefined {
  const parts = chains
    .flatMap(({ leftOut }) => leftOut)
    .filter(({ messages }) => messages > 0)
    .map(({ name, messages }) => `${messages} by ${name}`)
  return parts.length === 0 ? undefined : `left out ${parts.join(', ')}`
}
