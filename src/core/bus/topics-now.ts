import { RESERVED_PREFIX, TOPIC_SEARCH } from './announcement.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { Ledger } from '../ledger.ts'
import { type BusOptions, busOf } from './bus-options.ts'
import { Subscriber } from './subscriber.ts'

/** Topics that are kept in mind; further ones are not looked for. */
const MAX_TOPICS = 4_096

/** The prefix of all topics. */
const EVERYTHING = ''

/** A message over its `maxMessage` is passed over as it comes in, with its topic. */
export interface TopicsNowOptions extends BusOptions {
  /** Time to listen, in ms; to connect counts as well. */
  readonly durationMs: number
  /** How many topics to return at most. Default: all that were seen, 4,096 at most. */
  readonly limit?: number
  /** Ends it sooner, with what has been seen until then. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Listens to everything on a bus for a moment. It also subscribes to a reserved prefix, by which publishers of groundwire know that
 * this is no listener: until it is over, none of them takes a subscription to everything for one. Others can't tell the difference.
 * @returns the topics of which something came, the busiest first, without the reserved ones; none where no proxy is there
 * @throws {UsageError} for a malformed URL
 */
export async function topicsNow(options: TopicsNowOptions): Promise<string[]> {
  const { durationMs, limit = MAX_TOPICS, signal } = options
  const messages = new Map<string, number>()
  const subscriber = new Subscriber({
    bus: busOf(options),
    prefixes: [TOPIC_SEARCH, EVERYTHING],
    // Nobody asks for its account.
    ledger: new Ledger('topics'),
    onMessage: (_frame, topic) => {
      const before = messages.get(topic)
      if (before === undefined && (messages.size >= MAX_TOPICS || topic.startsWith(RESERVED_PREFIX))) return
      messages.set(topic, (before ?? 0) + 1)
    },
  })
  try {
    await subscriber.open()
    await wait(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => {})
  } finally {
    // First: as long as a publisher sees the subscription to everything, it must see what it is for.
    subscriber.remove({ prefixes: [EVERYTHING] })
    subscriber.close()
  }
  const byCount = [...messages].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
  return byCount.slice(0, limit).map(([topic]) => topic)
}
