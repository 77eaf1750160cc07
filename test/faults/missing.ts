import type { LedgerRecord } from '../../src/core/ledger.ts'
import { lastLedger, type Missing, type RoleFigures } from './figures.ts'

/** Ledgers that tell how many messages a receiver should have got. */
export interface Upstream {
  readonly udpIn: RoleFigures
  readonly proxy: RoleFigures
  /** Datagrams sent by the source. */
  readonly published: number
}

/**
 * Counts the messages missing at a receiver that ran for the whole trial.
 *
 * udp-in reports the number that it sent. A kill loses this number: it is then at least the proxy's count, and at most
 * all datagrams published.
 */
export function missingAt(receiver: RoleFigures, { udpIn, proxy, published }: Upstream): Missing {
  const received = lastLedger(receiver)?.received.messages ?? 0
  if (udpIn.kills === 0) {
    const missing = (lastLedger(udpIn)?.sent.messages ?? 0) - received
    return { least: missing, most: missing }
  }
  const ledger = lastLedger(proxy)
  const forwarded = ledger === undefined ? 0 : ledger.received.messages - ledger.unheard
  return { least: Math.max(0, forwarded - received), most: published - received }
}

/**
 * Counts the messages missing at a late receiver, by the gaps in its sequence numbers. udp-in's own losses may account
 * for some of them.
 */
export function missingInGaps(gaps: number, udpIns: readonly RoleFigures[]): Missing {
  const before = udpIns.reduce((sum, role) => sum + notSent(lastLedger(role)), 0)
  return { least: Math.max(0, gaps - before), most: gaps }
}

/** Messages that did not leave a udp-in. */
function notSent(ledger: LedgerRecord | undefined): number {
  if (ledger === undefined) return 0
  return ledger.received.messages - ledger.sent.messages + (ledger.lost.kernel ?? 0)
}
