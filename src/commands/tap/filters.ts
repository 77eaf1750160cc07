import {
  every,
  type Filter,
  FilterChain,
  grep,
  maxRate,
  maxSize,
  minSize,
  ofApid,
} from '../../core/tap/filter.ts'
import type { TapValues } from './options.ts'

/** What is looked at all. */
export function filtersOf(values: TapValues): FilterChain {
  const filters: Filter[] = []
  if (values['min-size'] !== undefined) filters.push(minSize(values['min-size']))
  if (values['max-size'] !== undefined) filters.push(maxSize(values['max-size']))
  if (values.apid.length > 0) filters.push(ofApid(values.apid))
  if (values.grep !== undefined) filters.push(grep(values.grep))
  return new FilterChain(filters)
}

/** What is shown of that. */
export function thinningOf(values: TapValues): FilterChain {
  const filters: Filter[] = []
  if (values.every !== undefined) filters.push(every(values.every))
  if (values['max-rate'] !== undefined) filters.push(maxRate(values['max-rate']))
  return new FilterChain(filters)
}

/** What filters have left out, in words; undefined where that is nothing. */
export function leftOutText(...chains: readonly FilterChain[]): string | undefined {
  const parts = chains
    .flatMap(({ leftOut }) => leftOut)
    .filter(({ messages }) => messages > 0)
    .map(({ name, messages }) => `${messages} by ${name}`)
  return parts.length === 0 ? undefined : `left out ${parts.join(', ')}`
}
