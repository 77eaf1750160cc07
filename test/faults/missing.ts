import type { LedgerRecord } from '../../src/core/ledger.ts'
import { lastLedger, type Missing, type RoleFigures } from './figures.ts'

/** The books that tell how many messages a receiver should have had. */
export interface Upstream {
  readonly udpIn: RoleFigures
  readonly proxy: RoleFigures
  /** Datagrams that the source sent. */
  readonly published: number
}

/**
 * How many messages are missing at a receiver that lived through the trial.
 *
 * udp-in says how many it sent. Where it was killed that died with it: at least what its proxy forwarded is known, and
 * at most all was sent that was published.
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
 * How many are missing at a receiver that came late, by the gaps in its sequence numbers: udp-in accounts for some of
 * these perhaps, in its own losses.
 */
export function missingInGaps(gaps: number, udpIns: readonly RoleFigures[]): Missing {
  const before = udpIns.reduce((sum, role) => sum + notSent(lastLedger(role)), 0)
  return { least: Math.max(0, gaps - before), most: gaps }
}

/** Messages of a udp-in that did not leave it. */
function notSent(ledger: LedgerRecord | undefined): number {
  if (ledger === undefined) return 0
  return ledger.received.messages - ledger.sent.messages + (ledger.lost.kernel ?? 0)
}
