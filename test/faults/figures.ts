import type { LedgerRecord } from '../../src/core/ledger.ts'

/** The topic that every scenario publishes to. */
export const TOPIC = 'telem'

/** A role after its end. */
export interface RoleFigures {
  readonly name: string
  /** Its exit code after SIGTERM; null where it had to be killed. */
  readonly code: number | null
  /** How many of its lives ended by SIGKILL. */
  readonly kills: number
  /** The last ledger of each of its lives; null where it had not written one. That of a killed one is up to 1 s old. */
  readonly ledgers: readonly (LedgerRecord | null)[]
}

/** The ledger of a role's last life. */
export function lastLedger({ ledgers }: RoleFigures): LedgerRecord | undefined {
  return ledgers.at(-1) ?? undefined
}

/** A receiver's claim about the losses in front of it. */
export interface Claim {
  /** Messages that it knows to be lost; null where it cannot tell. */
  readonly lost: number | null
  /** How sure it is: see docs/accounting.md. */
  readonly state: string
}

export function claimOf(role: RoleFigures): Claim {
  const ledger = lastLedger(role)
  const accounts = (ledger?.['accounting'] ?? {}) as Record<string, { state?: string } | undefined>
  return { lost: ledger?.lost.bus ?? null, state: accounts[TOPIC]?.state ?? 'unknown' }
}

/** How many messages are missing at a receiver, as the harness can tell: `least` = `most` where it is exact. */
export interface Missing {
  readonly least: number
  readonly most: number
}

/** A receiver of a trial, and what arrived behind it. */
export interface ReceiverFigures {
  readonly role: RoleFigures
  /** Messages that it handed on and that arrived there, or that the kernel is known to have dropped there. */
  readonly handedOn: number
  /** Messages that were not greater in sequence than the one before. */
  readonly misplaced: number
  readonly missing: Missing
  /** The time from the end of the fault to the first message, in ms; undefined where none came. */
  readonly backMs?: number | undefined
}
