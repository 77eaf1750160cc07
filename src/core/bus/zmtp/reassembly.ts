import type { Limit } from '../limits.ts'

/** Somebody who holds the beginning of a message. */
export interface Holder {
  /** Bytes that are held. */
  readonly held: number
  /** Forgets them, and reads no further. */
  giveUp(): void
}

/** The beginnings of messages that have not come whole, of all connections: where these are too much, the largest goes. */
export class Reassembly {
  readonly #limit: Limit
  readonly #holders = new Set<Holder>()

  constructor(limit: Limit) {
    this.#limit = limit
  }

  /** Counts that so many bytes more are held, or less. */
  count(holder: Holder, more: number): void {
    if (holder.held > 0) this.#holders.add(holder)
    else this.#holders.delete(holder)
    if (more < 0) {
      this.#limit.remove(-more)
      return
    }
    this.#limit.add(more)
    while (this.#limit.isFullFor(0)) {
      const largest = this.#largest()
      if (largest === undefined) return
      this.#limit.exceed()
      largest.giveUp()
    }
  }

  #largest(): Holder | undefined {
    let largest: Holder | undefined
    for (const holder of this.#holders) if (holder.held > (largest?.held ?? 0)) largest = holder
    return largest
  }
}
