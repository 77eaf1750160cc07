import type { Backlog } from './carrier.ts'

/** Interval at which the backlogs are checked, in ms. */
const INTERVAL_MS = 1_000
/** Backlog from which a subscriber counts as behind, in bytes; with less it is only busy. */
const SLOW_BYTES = 64 * 1024
/** Checks in a row that find a subscriber behind before it is reported as slow. */
const LOOKS = 2

/** A subscriber that lags behind its messages, or has caught up. */
export interface SlowSubscriber {
  /** The subscriber's address. */
  readonly peer: string
  /** Bytes that wait for the subscriber; 0 once it has caught up. */
  readonly behind: number
  /** Messages dropped for the subscriber so far. Undefined over libzmq, which does not tell. */
  readonly dropped: number | undefined
}

/** The socket that subscribers connect to. */
interface Source {
  backlogs(): Promise<readonly Backlog[]>
  readonly dropped: ReadonlyMap<string, number> | undefined
}

/** Finds subscribers that lag, and reports when one begins to and when it has caught up. */
export class SlowSubscribers {
  readonly #source: Source
  readonly #tell: (subscriber: SlowSubscriber) => void
  /** Number of checks in a row that found a peer behind. */
  readonly #behind = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  constructor(source: Source, tell: (subscriber: SlowSubscriber) => void) {
    this.#source = source
    this.#tell = tell
    this.#timer = setInterval(() => void this.#look(), INTERVAL_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const backlogs = await this.#source.backlogs()
    const lagging = new Map(
      backlogs.filter(({ bytes }) => bytes >= SLOW_BYTES).map(({ peer, bytes }) => [peer, bytes]),
    )
    for (const [peer, behind] of lagging) {
      const looks = (this.#behind.get(peer) ?? 0) + 1
      this.#behind.set(peer, looks)
      if (looks === LOOKS) this.#say(peer, behind)
    }
    const there = new Set(backlogs.map(({ peer }) => peer))
    for (const [peer, looks] of this.#behind) {
      if (lagging.has(peer)) continue
      this.#behind.delete(peer)
      // A subscriber that has left has not caught up.
      if (looks >= LOOKS && there.has(peer)) this.#say(peer, 0)
    }
  }

  #say(peer: string, behind: number): void {
    const { dropped } = this.#source
    this.#tell({ peer, behind, dropped: dropped === undefined ? undefined : (dropped.get(peer) ?? 0) })
  }
}
