import { Condition } from '../../core/condition.ts'
import { count, type Ledger } from '../../core/ledger.ts'

/** Compares the packets that arrive with those sent. Its ledger has the packets sent as `received`, and those that arrived as `sent`. */
export class Comparison {
  readonly #ledger: Ledger
  /** Packets sent that have not arrived, by their bytes. */
  readonly #missing = new Set<string>()
  readonly #condition = new Condition()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  expect(packet: Buffer): void {
    this.#missing.add(packet.toString('latin1'))
    count(this.#ledger.received, packet.length)
  }

  arrive(packet: Buffer): void {
    if (!this.#missing.delete(packet.toString('latin1'))) return
    count(this.#ledger.sent, packet.length)
    this.#condition.notify()
  }

  /** Waits for the last packets, and counts the missing ones. @returns whether each has arrived, byte for byte */
  async verdict(withinMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(withinMs)
    await this.#condition.until(() => this.#missing.size === 0, { signal }).catch(() => {})
    if (this.#missing.size > 0) this.#ledger.lose('undeliverable', this.#missing.size)
    return this.#missing.size === 0
  }
}
