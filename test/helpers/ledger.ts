import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Ledger, LedgerRecord } from '../../src/core/ledger.ts'

/** Reads the final `--ledger` file, and checks that it is closed and that its books balance. */
export function closedLedger(file: string): LedgerRecord {
  const record = readLedger(file)
  assert(record.stopped !== null, 'the ledger has not been closed')
  assertBalanced(record)
  return record
}

/** Returns the current `--ledger` file. */
export function readLedger(file: string): LedgerRecord {
  return JSON.parse(readFileSync(file, 'utf8')) as LedgerRecord
}

/** Checks the equation of every ledger. */
export function assertBalanced(ledger: LedgerRecord | Ledger): void {
  const record = JSON.parse(JSON.stringify(ledger)) as LedgerRecord
  assert.equal(balanceOf(record), 0, JSON.stringify(record))
}

/**
 * Messages received and published, less all accounted for: see `Ledger` for the equation. Messages dropped by the
 * kernel or the bus were never received. A role without a `process` omits `processed` and `published`.
 */
export function balanceOf(record: LedgerRecord): number {
  const { received, sent, filtered, unheard, lost } = record
  const { processed = 0, published = 0 } = record as { processed?: number; published?: number }
  const { kernel: _kernel, bus: _bus, ...causes } = lost
  const losses = Object.values(causes).reduce((sum, messages) => sum + messages, 0)
  return received.messages + published - processed - sent.messages - filtered - unheard - losses
}

/** Losses of a ledger other than 0. */
export function lossesOf({ lost }: LedgerRecord): Record<string, number> {
  const entries = Object.entries(lost).filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
  return Object.fromEntries(entries)
}
