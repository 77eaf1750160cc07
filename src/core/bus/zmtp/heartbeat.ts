import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from '../heartbeat.ts'

export interface HeartbeatHandlers {
  /** Something is to be said, which the other side will answer. */
  readonly onBeat: () => void
  /** Nothing has come for too long: somebody pulled the plug, or the process at the other end is stopped. */
  readonly onSilence: () => void
}

/** Notices when nothing comes over a connection any more, though the other side is asked. */
export class Heartbeat {
  readonly #handlers: HeartbeatHandlers
  readonly #timer: NodeJS.Timeout
  /** Since the last beat something has come. */
  #heard = false
  #silentMs = 0
  #paused = false

  constructor(handlers: HeartbeatHandlers) {
    this.#handlers = handlers
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS).unref()
  }

  /** Something has come. */
  heard(): void {
    this.#heard = true
  }

  /** Whether it is this side that does not read: then nothing can come, and the other side still hears of us. */
  pause(paused: boolean): void {
    this.#paused = paused
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    this.#silentMs = this.#heard || this.#paused ? 0 : this.#silentMs + HEARTBEAT_INTERVAL_MS
    this.#heard = false
    if (this.#silentMs >= HEARTBEAT_TIMEOUT_MS) this.#handlers.onSilence()
    else this.#handlers.onBeat()
  }
}
