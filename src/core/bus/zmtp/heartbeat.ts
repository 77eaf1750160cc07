import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from '../heartbeat.ts'

/** How long the system may have no room for what is written, without taking any of it, in ms. */
const STALL_MS = 60_000

export interface HeartbeatHandlers {
  /** Whether something written before waits for the system: what is asked now arrives only after that. */
  readonly isBlocked: () => boolean
  /** Something is to be said, which the other side will answer. */
  readonly onBeat: () => void
  /** Nothing has come for too long: somebody pulled the plug, or the process at the other end is stopped. */
  readonly onSilence: () => void
}

/**
 * Notices when nothing comes over a connection any more, though the other side is asked.
 *
 * Who reads slowly is not asked before it has read what waits, so its silence means nothing until then: it only has to read
 * some of it in a minute.
 */
export class Heartbeat {
  readonly #handlers: HeartbeatHandlers
  readonly #timer: NodeJS.Timeout
  /** Since the last beat something has come, or the system has taken something. */
  #heard = false
  #progressed = false
  #silentMs = 0
  #stalledMs = 0
  #paused = false

  constructor(handlers: HeartbeatHandlers) {
    this.#handlers = handlers
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS).unref()
  }

  /** Something has come. */
  heard(): void {
    this.#heard = true
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
    clearInterval(this.#timer)
  }

  #beat(): void {
    const blocked = this.#handlers.isBlocked()
    const alive = this.#heard || this.#paused
    this.#silentMs = alive || blocked ? 0 : this.#silentMs + HEARTBEAT_INTERVAL_MS
    this.#stalledMs = alive || !blocked || this.#progressed ? 0 : this.#stalledMs + HEARTBEAT_INTERVAL_MS
    this.#heard = false
    this.#progressed = false
    if (this.#silentMs >= HEARTBEAT_TIMEOUT_MS || this.#stalledMs >= STALL_MS) this.#handlers.onSilence()
    else if (!blocked) this.#handlers.onBeat()
  }
}
