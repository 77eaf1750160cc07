/** The median, or the lower of the two middle values. 0 without values. */
export function median(values: readonly number[]): number {
  return middleBy(values, value => value) ?? 0
}

/** Returns the item with the median figure. */
export function middleBy<T>(items: readonly T[], figure: (item: T) => number): T | undefined {
  const sorted = [...items].sort((a, b) => figure(a) - figure(b))
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/** The range of values as a share of their median, to a thousandth. Null for a single value, which says nothing of it. */
export function spread(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const middle = median(values)
  return middle === 0 ? 0 : Math.round(((Math.max(...values) - Math.min(...values)) / middle) * 1000) / 1000
}

/** A spread for the eye; nothing where there is one value only. */
export function spreadText(share: number | null): string {
  return share === null ? '' : `${Math.round(share * 100)} %`
}

/** A share for the eye, rounded down to a tenth of a percent: less than all is never 100 %. */
export function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10} %`
}
