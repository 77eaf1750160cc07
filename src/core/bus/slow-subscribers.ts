import { formatEndpoint } from '../endpoint.ts'
import { readSocketTable } from '../linux/socket-table.ts'

/** How often the send queues are looked at, in ms. */
const INTERVAL_MS = 1_000
/** A subscriber with less than this to acknowledge is busy, not slow; in bytes. */
const SLOW_BYTES = 64 * 1024
/** Looks in a row at which a subscriber has to be behind before it is called slow. */
const LOOKS = 2

/** A subscriber that does not read as fast as messages come for it, or that does so again. */
export interface SlowSubscriber {
  /** The address that it connects from. */
  readonly peer: string
  /** Bytes that the kernel holds for it; 0 once it has caught up. */
  readonly behind: number
}

/**
 * Finds the subscribers that lag, by what the kernel holds for each connection (Linux: the send queue in /proc/net/tcp and
 * tcp6). ZeroMQ itself tells nobody for whom it drops.
 */
export class SlowSubscribers {
  readonly #ports: ReadonlySet<number>
  readonly #tell: (subscriber: SlowSubscriber) => void
  /** By peer: at how many looks in a row it was behind. */
  readonly #behind = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  /** @param ports the ports that subscribers connect to */
  constructor(ports: Iterable<number>, tell: (subscriber: SlowSubscriber) => void) {
    this.#ports = new Set(ports)
    this.#tell = tell
    this.#timer = setInterval(() => void this.#look(), INTERVAL_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const tables = await Promise.all([readSocketTable('tcp'), readSocketTable('tcp6')])
    const lagging = new Map<string, number>()
    for (const { local, remote, sendQueue } of tables.flatMap(table => table ?? [])) {
      if (this.#ports.has(local.port) && sendQueue >= SLOW_BYTES)
        lagging.set(formatEndpoint(remote), sendQueue)
    }
    for (const [peer, behind] of lagging) {
      const looks = (this.#behind.get(peer) ?? 0) + 1
      this.#behind.set(peer, looks)
      if (looks === LOOKS) this.#tell({ peer, behind })
    }
    for (const [peer, looks] of this.#behind) {
      if (lagging.has(peer)) continue
      this.#behind.delete(peer)
      if (looks >= LOOKS) this.#tell({ peer, behind: 0 })
    }
  }
}
