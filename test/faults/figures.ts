import type { LedgerRecord } from '../../src/core/ledger.ts'

/** Topic of every scenario. */
export const TOPIC = 'telem'

/** Figures of a role after its end. */
export interface RoleFigures {
  readonly name: string
  /** Exit code after SIGTERM; null if it had to be killed. */
  readonly code: number | null
  /** Number of its lives that ended by SIGKILL. */
  readonly kills: number
  /** Last ledger of each life; null if it had written none. After a kill it is up to 1 s old. */
  readonly ledgers: readonly (LedgerRecord | null)[]
}

/** The ledger of a role's last life. */
export function lastLedger({ ledgers }: RoleFigures): LedgerRecord | undefined {
  return ledgers.at(-1) ?? undefined
}

/** A receiver's claim about the losses in front of it. */
export interface Claim {
  /** Messages that it knows to be lost; null if it can't tell. */
  readonly lost: number | null
  /** Certainty of the account: see docs/accounting.md. */
  readonly state: string
}

export function claimOf(role: RoleFigures): Claim {
  const ledger = lastLedger(role)
  const accounts = (ledger?.['accounting'] ?? {}) as Record<string, { state?: string } | undefined>
  return { lost: ledger?.lost.bus ?? null, state: accounts[TOPIC]?.state ?? 'unknown' }
}

/** Messages missing at a receiver, as far as the harness knows. `least` equals `most` if this is exact. */
export interface Missing {
  readonly least: number
  readonly most: number
}

/** Figures of a receiver, and of its output. */
export interface ReceiverFigures {
  readonly role: RoleFigures
  /** Messages that it delivered, including those that the kernel is known to have dropped behind it. */
  readonly handedOn: number
  /** Messages with a sequence number not above the previous one. */
  readonly misplaced: number
  readonly missing: Missing
  /** Time from the end of the fault to the first message, in ms; undefined without one. */
  readonly backMs?: number | undefined
}
