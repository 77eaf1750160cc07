import type { LimitEvent, LimitName } from '../core/bus/limits.ts'
import type { Terminal } from './terminal.ts'

const INTERVAL_MS = 1_000

/** Says when a limit is reached first, and further ones as a count, once a second at most. */
export class LimitReporter {
  readonly #terminal: Terminal
  readonly #more = new Map<LimitName, LimitEvent>()
  readonly #seen = new Set<LimitName>()
  #timer: NodeJS.Timeout | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  readonly report = (event: LimitEvent): void => {
    const { limit, value, count } = event
    if (!this.#seen.has(limit)) {
      this.#seen.add(limit)
      this.#terminal.warn(
        `the limit ${limit}=${value} is reached: ${POLICIES[limit]}; --limits ${limit}=… sets it`,
      )
      return
    }
    this.#more.set(limit, { ...event, count: count + (this.#more.get(limit)?.count ?? 0) })
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS).unref()
  }

  /** Says what has been counted since. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const counts = [...this.#more.values()].map(
      ({ limit, count, unit }) => `${count} more ${unit} (${limit})`,
    )
    this.#more.clear()
    if (counts.length > 0) this.#terminal.warn(`limits: refused, dropped or cut off ${counts.join(', ')}`)
  }
}

/** What is done where a limit is reached. */
const POLICIES: Readonly<Record<LimitName, string>> = {
  frame: 'a message with a larger frame is passed over',
  queue: 'what comes for a subscriber whose queue is full is dropped for it',
  queues: 'the longest queue of a subscriber is dropped',
  reassembly: 'the publisher that holds the most of unfinished messages is cut off',
  connections: 'no further one is taken in',
  handshakes: 'the oldest one of the host that has the most is cut off',
  subscriptions: "a subscriber's further subscriptions are refused",
  'all-subscriptions': 'further subscriptions are refused',
  prefixes: "a subscriber's further subscriptions are refused",
  'all-prefixes': 'further subscriptions are refused',
}
