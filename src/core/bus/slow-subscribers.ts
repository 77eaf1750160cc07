import type { Backlog } from './carrier.ts'

/** Interval between looks at the queues of subscribers, in ms. */
const INTERVAL_MS = 1_000
/** A subscriber for which less than this waits is busy, not slow; in bytes. */
const SLOW_BYTES = 64 * 1024
/** Looks in a row at which a subscriber has to be behind before it is called slow. */
const LOOKS = 2

/** A subscriber that does not read as fast as messages come for it, or that does so again. */
export interface SlowSubscriber {
  /** The address that it connects from. */
  readonly peer: string
  /** Bytes that wait for it; 0 once it has caught up. */
  readonly behind: number
  /** Messages that were dropped for it so far. Undefined where libzmq drops them, which tells nobody. */
  readonly dropped: number | undefined
}

/** The socket that knows the queues of its subscribers. */
interface Source {
  backlogs(): Promise<readonly Backlog[]>
  readonly dropped: ReadonlyMap<string, number> | undefined
}

/** Finds the subscribers that lag, and tells when one begins to, and when it has caught up. */
export class SlowSubscribers {
  readonly #source: Source
  readonly #tell: (subscriber: SlowSubscriber) => void
  /** By peer: at how many looks in a row it was behind. */
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
      // One that has left has not caught up.
      if (looks >= LOOKS && there.has(peer)) this.#say(peer, 0)
    }
  }

  #say(peer: string, behind: number): void {
    const { dropped } = this.#source
    this.#tell({ peer, behind, dropped: dropped === undefined ? undefined : (dropped.get(peer) ?? 0) })
  }
}
