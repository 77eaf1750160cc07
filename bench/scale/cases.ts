/** A load on a proxy whose cost is compared. */
export interface ScaleCase {
  readonly name: string
  readonly subscribers: number
  /** Bytes per payload. */
  readonly size: number
  /** Messages published per second. */
  readonly rate: number
  /** Distinct topics, published in turn. */
  readonly topics: number
  /** Topics that each subscriber asks for, all of them different ones; 0 is a subscription to everything. */
  readonly prefixes: number
  /** Subscriptions made or taken back per second by a subscriber besides. */
  readonly changes: number
  /** The most that groundwire's proxy may cost, as a multiple of C's. */
  readonly target: number
}

const FEW = { size: 256, topics: 1, prefixes: 0, changes: 0, target: 1.1 }
const MANY = {
  size: 256,
  rate: 20_000,
  topics: 10_000,
  subscribers: 50,
  prefixes: 200,
  changes: 0,
  target: 2,
}

/** The cases, in the order of the table. */
export const SCALE_CASES: readonly ScaleCase[] = [
  { ...FEW, name: '1 subscriber, 50,000/s', subscribers: 1, rate: 50_000 },
  { ...FEW, name: '10 subscribers, 10,000/s', subscribers: 10, rate: 10_000 },
  { ...FEW, name: '100 subscribers, 1,000/s', subscribers: 100, rate: 1_000 },
  { ...FEW, name: '400 subscribers, 250/s', subscribers: 400, rate: 250 },
  { ...FEW, name: '8 KiB, 10 subscribers, 2,000/s', subscribers: 10, rate: 2_000, size: 8192 },
  { ...MANY, name: '10,000 topics, 50 subscribers of 200 each, 20,000/s' },
  { ...MANY, name: 'the same, 200 subscription changes a second', changes: 200 },
  { ...MANY, name: '100,000 topics, 1 catch-all, 20,000/s', topics: 100_000, subscribers: 1, prefixes: 0 },
  {
    ...MANY,
    name: '1,000,000 topics, 1 catch-all, 20,000/s',
    topics: 1_000_000,
    subscribers: 1,
    prefixes: 0,
  },
]

/** Messages that subscribers have to receive for each one published. */
export function copiesOf({ subscribers, prefixes }: ScaleCase): number {
  return prefixes === 0 ? subscribers : 1
}

/**
 * The cases with these numbers, counted from 1, as '1,3'.
 * @throws {TypeError} for anything else
 */
export function casesOf(numbers: string | undefined): readonly ScaleCase[] {
  if (numbers === undefined) return SCALE_CASES
  return numbers.split(',').map(number => {
    const found = SCALE_CASES[Number(number) - 1]
    if (found === undefined)
      throw new TypeError(`--cases is for numbers from 1 to ${SCALE_CASES.length}, not '${number}'`)
    return found
  })
}
