import { UsageError } from '../errors.ts'
import type { LimitRecord } from '../ledger-sections.ts'
import { MAX_TOPIC } from '../wire/utf8.ts'
import { RESERVED_PREFIX } from './announcement.ts'

const RESERVED = Buffer.from(RESERVED_PREFIX)
/** The longest first frame, in bytes: a reserved topic stands before the topic that it is about. */
export const MAX_FIRST_FRAME = MAX_TOPIC + 64

/**
 * Whether the bytes of a topic, or of a prefix of topics, are few enough. Ask this before they become a key: V8 hashes long strings
 * by their length alone.
 */
export function isTopicLength(topic: Uint8Array): boolean {
  if (topic.length <= MAX_TOPIC) return true
  return topic.length <= MAX_FIRST_FRAME && RESERVED.equals(topic.subarray(0, RESERVED.length))
}

/**
 * The limits of a broker, by name: bytes or a count, and the policy where a limit is reached. Without `all` they hold for each
 * connection. The carrier libzmq has limits of its own.
 */
export const DEFAULT_LIMITS = {
  /** Bytes of the largest frame that is forwarded; a larger one is passed over (`oversize`). */
  frame: 64 * 1024 ** 2,
  /** Bytes that wait for one subscriber; what comes then is dropped for it. */
  queue: 16 * 1024 ** 2,
  /** Bytes that wait for all subscribers; the queue of the largest holder is dropped. */
  queues: 128 * 1024 ** 2,
  /** Bytes of all messages that have not come whole; the largest holder is cut off. */
  reassembly: 96 * 1024 ** 2,
  /** Connections to each side, publishers and subscribers; the newcomer is refused. */
  connections: 1_024,
  /** Handshakes under way at each side; the oldest one of the host with the most is cut off. */
  handshakes: 256,
  /** Subscriptions of one subscriber; the newcomer is refused. */
  subscriptions: 16_384,
  /** Subscriptions of all subscribers. */
  'all-subscriptions': 65_536,
  /** Bytes in the prefixes of one subscriber's subscriptions. */
  prefixes: 1024 ** 2,
  /** Bytes in the prefixes of all subscriptions. */
  'all-prefixes': 16 * 1024 ** 2,
} as const satisfies Readonly<Record<string, number>>

export type LimitName = keyof typeof DEFAULT_LIMITS

/** Limits of a broker; those that are not given have their default. */
export type LimitValues = Readonly<Partial<Record<LimitName, number>>>

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly LimitName[]

/** A limit was reached. */
export interface LimitEvent {
  readonly limit: LimitName
  readonly value: number
  /** Number refused or dropped for it since the last event, in `unit`s. */
  readonly count: number
  readonly unit: 'messages' | 'connections' | 'subscriptions'
}

/** One limit: its value, what is held at this moment, and how often it had to be enforced. */
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

  /** Whether so much more would be too much. */
  isFullFor(more: number): boolean {
    return this.#now + more > this.value
  }

  add(more: number): void {
    this.#now += more
    if (this.#now > this.#recentPeak) this.#recentPeak = this.#now
  }

  /** The most that was held since this was asked last. */
  takeRecentPeak(): number {
    const peak = this.#recentPeak
    this.#peak = this.peak
    this.#recentPeak = this.#now
    return peak
  }

  /** The most that was held. */
  get peak(): number {
    return Math.max(this.#peak, this.#recentPeak)
  }

  remove(less: number): void {
    this.#now -= less
  }

  /** Something was refused, dropped or cut off for it. */
  exceed(count = 1): void {
    this.#exceeded += count
    this.#tell({ limit: this.name, value: this.value, count, unit: this.#unit })
  }

  toJSON(): LimitRecord {
    const held = this.peak === 0 ? {} : { now: this.#now, peak: this.peak }
    return { limit: this.value, ...held, exceeded: this.#exceeded }
  }
}

/** Where a frame may be larger than the default allows, what is held in all may be so many times as much. */
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
}

/** A frame that is allowed has room, so what is not given follows from what is. @throws {UsageError} where these contradict each other */
function consistent(values: LimitValues): Record<LimitName, number> {
  const { frame, queues, reassembly } = { ...DEFAULT_LIMITS, ...values }
  const all = { ...DEFAULT_LIMITS, ...values } as Record<LimitName, number>
  all.frame = values.frame ?? Math.min(frame, queues, reassembly)
  all.queues = values.queues ?? Math.max(queues, FRAME_ROOM * all.frame)
  all.reassembly = values.reassembly ?? Math.max(reassembly, FRAME_ROOM * all.frame)
  for (const name of ['queues', 'reassembly'] as const)
    if (all[name] < all.frame)
      throw new UsageError(`the limit ${name} is ${all[name]}, and less than that of one frame, ${all.frame}`)
  return all
}

/** All limits of one broker. */
export type Limits = Readonly<Record<LimitName, Limit>>

/**
 * Makes a broker's limits.
 * @param tell called whenever one is enforced
 * @throws {UsageError} for an unknown name, or a value that is not a whole number over 0
 */
export function makeLimits(values: LimitValues = {}, tell?: (event: LimitEvent) => void): Limits {
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new UsageError(`'${name}' is not one of the limits`)
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new UsageError(`the limit ${name} is ${String(value)}, and not a whole number over 0`)
  }
  const all = consistent(values)
  const entries = LIMIT_NAMES.map(name => [name, new Limit(name, all[name], UNITS[name], tell)])
  return Object.fromEntries(entries) as Record<LimitName, Limit>
}
