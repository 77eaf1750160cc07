import type { Limit } from '../limits.ts'

/** A connection that is not open yet. */
export interface Newcomer {
  /** Ends it, for a reason that is told. */
  fail(reason: string): void
}

/**
 * Connections that are not open yet: their handshake is under way, or waits to begin. Where these are too many, the oldest one of the
 * host that has the most is cut off. A handshake takes one round trip, so a host that floods the proxy with connections that say
 * nothing pays for it first.
 */
export class Handshakes {
  readonly #limit: Limit
  /** The oldest first, with the host that each came from. */
  readonly #hosts = new Map<Newcomer, string>()
  #isScheduled = false

  constructor(limit: Limit) {
    this.#limit = limit
  }

  add(newcomer: Newcomer, host: string): void {
    this.#hosts.set(newcomer, host)
    if (this.#isScheduled || this.#hosts.size <= this.#limit.value) return
    this.#isScheduled = true
    // Connections are taken in together, and read from in the next turn: some have spoken already.
    setImmediate(() => setImmediate(() => this.#enforce()))
  }

  delete(newcomer: Newcomer): void {
    this.#hosts.delete(newcomer)
  }

  #enforce(): void {
    this.#isScheduled = false
    while (this.#hosts.size > this.#limit.value) {
      const oldest = this.#oldestOfMost()
      if (oldest === undefined) return
      this.#hosts.delete(oldest)
      this.#limit.exceed()
      oldest.fail('its handshake was the oldest when too many were under way')
    }
  }

  #oldestOfMost(): Newcomer | undefined {
    const counts = new Map<string, number>()
    let most = ''
    for (const host of this.#hosts.values()) {
      const count = (counts.get(host) ?? 0) + 1
      counts.set(host, count)
      if (count > (counts.get(most) ?? 0)) most = host
    }
    for (const [newcomer, host] of this.#hosts) if (host === most) return newcomer
    return undefined
  }
}
