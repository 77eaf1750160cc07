/** A range of numbers. */
export interface Bounds {
  readonly holds: (value: number) => boolean
}

export type Comparison = '=' | '<' | '<=' | '>' | '>='

/** Numbers that compare so with a limit. */
export function comparedTo(comparison: Comparison, limit: number): Bounds {
  return { holds: value => compare(value, comparison, limit) }
}

/** Numbers from the one to the other, both included. */
export function between(least: number, most: number): Bounds {
  return { holds: value => value >= least && value <= most }
}

function compare(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '=':
      return value === limit
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}
