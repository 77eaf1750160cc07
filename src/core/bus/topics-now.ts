import { RESERVED_PREFIX, TOPIC_SEARCH } from './announcement.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { Ledger } from '../ledger.ts'
import { type BusOptions, busOf } from './bus-options.ts'
import { Subscriber } from './subscriber.ts'

/** Most topics that are remembered; further ones are ignored. */
const MAX_TOPICS = 4_096

/** The prefix of all topics. */
const EVERYTHING = ''

/** A message over `maxMessage` is ignored, and its topic with it. */
export interface TopicsNowOptions extends BusOptions {
  /** Time to listen, in ms, connecting included. */
  readonly durationMs: number
  /** Most topics to return. Default: all that were seen, 4,096 at most. */
  readonly limit?: number
  /** Ends the listening early, with the topics seen until then. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Listens to everything on a bus for a moment.
 * @returns the topics of which a message came, busiest first, without reserved ones; empty if there is no proxy
 * @throws {UsageError} for an invalid URL or other option
 */
export async function topicsNow(options: TopicsNowOptions): Promise<string[]> {
  const { durationMs, limit = MAX_TOPICS, signal } = options
  const messages = new Map<string, number>()
  const subscriber = new Subscriber({
    bus: busOf(options),
    prefixes: [TOPIC_SEARCH, EVERYTHING],
    // A ledger that nobody reads.
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
