import type { Limit } from '../limits.ts'
import type { Connection } from './connection.ts'

/**
 * The connections whose handshake is under way. Where these are too many, the oldest one of the host that has the most is cut off:
 * a handshake takes one round trip, and whoever floods the proxy with connections that say nothing pays for it first.
 */
export class Handshakes {
  readonly #limit: Limit
  /** The oldest first, with the host that each came from. */
  readonly #hosts = new Map<Connection, string>()

  constructor(limit: Limit) {
    this.#limit = limit
  }

  get size(): number {
    return this.#hosts.size
  }

  add(connection: Connection, host: string): void {
    this.#hosts.set(connection, host)
    if (this.#hosts.size <= this.#limit.value) return
    const oldest = this.#oldestOfMost()
    if (oldest === undefined) return
    this.#hosts.delete(oldest)
    this.#limit.exceed()
    oldest.fail('its handshake was the oldest when too many were under way')
  }

  delete(connection: Connection): void {
    this.#hosts.delete(connection)
  }

  #oldestOfMost(): Connection | undefined {
    const counts = new Map<string, number>()
    let most = ''
    for (const host of this.#hosts.values()) {
      const count = (counts.get(host) ?? 0) + 1
      counts.set(host, count)
      if (count > (counts.get(most) ?? 0)) most = host
    }
    for (const [connection, host] of this.#hosts) if (host === most) return connection
    return undefined
  }
}
