import type { Wait } from '../../core/bus/flow-message.ts'
import type { Terminal } from '../shared/terminal/terminal.ts'

/** A subscriber that has taken nothing for so long is worth a line, in ms; one that is only slow is not. */
const IDLE_MS = 2_000
/** Subscribers told apart. */
const MAX_PEERS = 64

/** Says for which subscriber the proxy waits, once for each time that one stops to take messages. */
export class WaitReporter {
  readonly #terminal: Pick<Terminal, 'warn'>
  /** Subscribers that were reported, and have taken nothing since. */
  readonly #reported = new Set<string>()

  constructor(terminal: Pick<Terminal, 'warn'>) {
    this.#terminal = terminal
  }

  report({ peer, bytes, idleMs, isPassedOver }: Wait): void {
    if (isPassedOver) {
      this.#reported.delete(peer)
      this.#terminal.warn(
        `going on without the subscriber at ${peer}: ${bytes} bytes still wait for it, and it loses what has no room`,
      )
    } else if (idleMs < IDLE_MS) this.#reported.delete(peer)
    else if (!this.#reported.has(peer) && this.#reported.size < MAX_PEERS) {
      this.#reported.add(peer)
      this.#terminal.warn(
        `waiting for the subscriber at ${peer}: it takes nothing, and ${bytes} bytes wait for it; --rate max does not wait`,
      )
    }
  }
}
