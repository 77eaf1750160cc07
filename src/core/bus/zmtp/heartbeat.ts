import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from '../carrier.ts'

/** Time that the system may have no room for what is written, without taking any of it, in ms. */
const STALL_MS = 60_000
/** A connection over which something comes after so long was cut off meanwhile, in ms: two answers at least did not come. */
const REVIVED_MS = 2 * HEARTBEAT_INTERVAL_MS
/** A peer that asks this often by itself is heard at every beat while it lives, in ms: groundwire's roles ask every 5 s. */
const OFTEN_MS = 1.3 * HEARTBEAT_INTERVAL_MS

export interface HeartbeatHandlers {
  /** Whether the other side answers what it is asked: one of ZMTP 3.1 does. */
  readonly answers: boolean
  /** Whether the system has not taken all that was written before: what is asked now arrives only after that. */
  readonly isBlocked: () => boolean
  /** Something is to be said, which the other side will answer. */
  readonly onBeat: () => void
  /** Nothing has come for too long: somebody pulled the plug, or the process at the other end is stopped. */
  readonly onSilence: () => void
  /** Something comes after a long silence. */
  readonly onRevival?: () => void
  /** Whether the system has sent again and again, and its peer does not answer it. False where it does not tell. */
  readonly isUnanswered: () => Promise<boolean>
  /** The monotonic clock, in ms. Default performance.now. */
  readonly now?: () => number
}

/**
 * Notices when nothing comes over a connection any more, though the other side is asked.
 *
 * A PING queues behind unsent data, so a peer for which data waits may be silent because it reads slowly. It is taken for gone
 * where it used to ask by itself and no longer does, where the system's own packets to it stay unanswered, and where it has
 * read nothing for a minute.
 */
export class Heartbeat {
  readonly #handlers: HeartbeatHandlers
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  /** Since the last beat something has come, or the system has taken something. */
  #heard = false
  #progressed = false
  /** Times without anything coming: in all, and while it could be asked. */
  #silentMs = 0
  #askedMs = 0
  #stalledMs = 0
  #paused = false
  /** When the other side asked last, and whether it does so often. */
  #lastPing: number | undefined
  #pingsOften = false
  #over = false

  constructor(handlers: HeartbeatHandlers) {
    this.#handlers = handlers
    this.#now = handlers.now ?? (() => performance.now())
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS).unref()
  }

  /** Something has come. */
  heard(): void {
    if (!this.#heard && this.#silentMs >= REVIVED_MS) this.#handlers.onRevival?.()
    this.#heard = true
  }

  /** The other side has asked for a sign of life. */
  pinged(): void {
    const now = this.#now()
    this.#pingsOften = this.#lastPing !== undefined && now - this.#lastPing <= OFTEN_MS
    this.#lastPing = now
  }

  /** The system has taken what was written. */
  progressed(): void {
    this.#progressed = true
  }

  /** Whether it is this side that does not read: then nothing can come, and the other side still hears of us. */
  pause(paused: boolean): void {
    this.#paused = paused
  }

  stop(): void {
    this.#over = true
    clearInterval(this.#timer)
  }

  #beat(): void {
    const blocked = this.#handlers.isBlocked()
    const asks = !blocked && this.#handlers.answers
    const alive = this.#heard || this.#paused
    this.#silentMs = longer(this.#silentMs, !alive)
    this.#askedMs = longer(this.#askedMs, !alive && asks)
    this.#stalledMs = longer(this.#stalledMs, !alive && blocked && !this.#progressed)
    this.#heard = false
    this.#progressed = false
    const silent = this.#silentMs >= HEARTBEAT_TIMEOUT_MS
    if (this.#askedMs >= HEARTBEAT_TIMEOUT_MS || this.#stalledMs >= STALL_MS || (silent && this.#pingsOften))
      this.#handlers.onSilence()
    else if (asks) this.#handlers.onBeat()
    else if (silent) void this.#lookCloser()
  }

  async #lookCloser(): Promise<void> {
    const unanswered = await this.#handlers.isUnanswered()
    if (unanswered && !this.#heard && !this.#over) this.#handlers.onSilence()
  }
}

/** Time for which a condition has held, as seen at each beat. */
function longer(ms: number, holds: boolean): number {
  return holds ? ms + HEARTBEAT_INTERVAL_MS : 0
}
