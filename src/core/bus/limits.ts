import { UsageError } from '../errors.ts'
import type { LimitRecord } from '../ledger-sections.ts'
import { MAX_TOPIC } from '../wire/utf8.ts'
import { RESERVED_PREFIX } from './announcement.ts'

const RESERVED = Buffer.from(RESERVED_PREFIX)
/** Longest first frame, in bytes: a reserved topic has a prefix before the topic that it is about. */
export const MAX_FIRST_FRAME = MAX_TOPIC + 64

/**
 * Whether a topic, or a prefix of topics, is short enough. Check this before it becomes a key: V8 hashes long strings by their
 * length alone.
 */
export function isTopicLength(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  if (end - start <= MAX_TOPIC) return true
  return end - start <= MAX_FIRST_FRAME && RESERVED.equals(bytes.subarray(start, start + RESERVED.length))
}

/**
 * Limits of a broker, by name: bytes or a count, and the policy at the limit. The carrier libzmq has limits of its own.
 */
export const DEFAULT_LIMITS = {
  /** Bytes of the largest frame that is forwarded; a larger one is refused (`oversize`). */
  frame: 64 * 1024 ** 2,
  /** Bytes that wait for one subscriber; further messages are dropped for it. */
  queue: 16 * 1024 ** 2,
  /** Bytes that wait for all subscribers together; the largest holder's queue is dropped. */
  queues: 128 * 1024 ** 2,
  /** Bytes of all incomplete messages; the largest holder is cut off. */
  reassembly: 96 * 1024 ** 2,
  /** Connections to each side, for publishers and for subscribers; the newcomer is refused. */
  connections: 1_024,
  /** Handshakes under way at each side; the host with the most loses its oldest. */
  handshakes: 256,
  /** Subscriptions of one subscriber; the newcomer is refused. */
  subscriptions: 16_384,
  /** Subscriptions of all subscribers. */
  'all-subscriptions': 65_536,
  /** Bytes in the prefixes of one subscriber's subscriptions. */
  prefixes: 1024 ** 2,
  /** Bytes in the prefixes of all subscriptions. */
  'all-prefixes': 16 * 1024 ** 2,
  /** Topics with an account for those who follow them; followers of a further one are told that it is not counted. */
  accounts: 16_384,
  /** Publishers in all accounts together; losses of a further one on its way to the broker stay unknown. */
  'accounted-publishers': 65_536,
} as const satisfies Readonly<Record<string, number>>

/** Name of one of the limits of a broker, as in {@link DEFAULT_LIMITS}. */
export type LimitName = keyof typeof DEFAULT_LIMITS

/** Limits of a broker. Default for each: {@link DEFAULT_LIMITS}. */
export type LimitValues = Readonly<Partial<Record<LimitName, number>>>

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly LimitName[]

/** A limit was reached. */
export interface LimitEvent {
  readonly limit: LimitName
  readonly value: number
  /** Number refused or dropped since the last event, in `unit`s. */
  readonly count: number
  readonly unit: 'messages' | 'connections' | 'subscriptions' | 'topics' | 'publishers'
}

/** One limit: its value, the present use, and how often it was enforced. */
export class Limit {
  readonly name: LimitName
  readonly value: number
  readonly #unit: LimitEvent['unit']
  readonly #tell: (event: LimitEvent) => void
  #now = 0
  #peak = 0
  #recentPeak = 0
  #exceeded = 0

  constructor(
    name: LimitName,
    value: number,
    unit: LimitEvent['unit'],
    tell: (event: LimitEvent) => void = () => {},
  ) {
    this.name = name
    this.value = value
    this.#unit = unit
    this.#tell = tell
  }

  get now(): number {
    return this.#now
  }

  /** Whether so much more would exceed the limit. */
  isFullFor(more: number): boolean {
    return this.#now + more > this.value
  }

  add(more: number): void {
    this.#now += more
    if (this.#now > this.#recentPeak) this.#recentPeak = this.#now
  }

  /** Highest use since the last call. */
  takeRecentPeak(): number {
    const peak = this.#recentPeak
    this.#peak = this.peak
    this.#recentPeak = this.#now
    return peak
  }

  /** Highest use so far. */
  get peak(): number {
    return Math.max(this.#peak, this.#recentPeak)
  }

  remove(less: number): void {
    this.#now -= less
  }

  /** Counts what was refused, dropped or cut off at the limit. */
  exceed(count = 1): void {
    this.#exceeded += count
    this.#tell({ limit: this.name, value: this.value, count, unit: this.#unit })
  }

  toJSON(): LimitRecord {
    const held = this.peak === 0 ? {} : { now: this.#now, peak: this.peak }
    return { limit: this.value, ...held, exceeded: this.#exceeded }
  }
}

/** Where a larger frame is allowed, the defaults of `queues` and `reassembly` grow to so many frames. */
const FRAME_ROOM = 1.5

const UNITS: Readonly<Record<LimitName, LimitEvent['unit']>> = {
  frame: 'messages',
  queue: 'messages',
  queues: 'messages',
  reassembly: 'connections',
  connections: 'connections',
  handshakes: 'connections',
  subscriptions: 'subscriptions',
  'all-subscriptions': 'subscriptions',
  prefixes: 'subscriptions',
  'all-prefixes': 'subscriptions',
  accounts: 'topics',
  'accounted-publishers': 'publishers',
}

/**
 * Fills in limits that are not given, so that an allowed frame always has room.
 * @throws {UsageError} if the given limits contradict each other
 */
function consistent(values: LimitValues): Record<LimitName, number> {
  const { frame, queues, reassembly } = { ...DEFAULT_LIMITS, ...values }
  const all = { ...DEFAULT_LIMITS, ...values } as Record<LimitName, number>
  all.frame = values.frame ?? Math.min(frame, queues, reassembly)
  all.queues = values.queues ?? Math.max(queues, FRAME_ROOM * all.frame)
  all.reassembly = values.reassembly ?? Math.max(reassembly, FRAME_ROOM * all.frame)
  for (const name of ['queues', 'reassembly'] as const)
    if (all[name] < all.frame)
      throw new UsageError(`the limit ${name} is ${all[name]}, less than the ${all.frame} of one frame`)
  return all
}

/** All limits of one broker. */
export type Limits = Readonly<Record<LimitName, Limit>>

/**
 * Makes a broker's limits.
 * @param tell called whenever a limit is enforced
 * @throws {UsageError} for an unknown name, or a value that is not a whole number over 0
 */
export function makeLimits(values: LimitValues = {}, tell?: (event: LimitEvent) => void): Limits {
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new UsageError(`'${name}' is not one of the limits`)
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new UsageError(`the limit ${name} is ${String(value)}, not a whole number over 0`)
  }
  const all = consistent(values)
  const entries = LIMIT_NAMES.map(name => [name, new Limit(name, all[name], UNITS[name], tell)])
  return Object.fromEntries(entries) as Record<LimitName, Limit>
}
