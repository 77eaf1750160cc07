import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Ledger, LedgerRecord } from '../../src/core/ledger.ts'

/** Reads what `--ledger` wrote at a command's end, and checks that it is closed and that its books balance. */
export function closedLedger(file: string): LedgerRecord {
  const record = readLedger(file)
  assert(record.stopped !== null, 'the ledger has not been closed')
  assertBalanced(record)
  return record
}

/** What `--ledger` has written so far. */
export function readLedger(file: string): LedgerRecord {
  return JSON.parse(readFileSync(file, 'utf8')) as LedgerRecord
}

/** The equation of every ledger; what the kernel dropped, or the bus, was never received. */
export function assertBalanced(ledger: LedgerRecord | Ledger): void {
  const { received, sent, filtered, unheard, lost } = JSON.parse(JSON.stringify(ledger)) as LedgerRecord
  const { kernel: _kernel, bus: _bus, ...causes } = lost
  const losses = Object.values(causes).reduce((sum, messages) => sum + messages, 0)
  assert.equal(received.messages, sent.messages + filtered + unheard + losses, JSON.stringify(ledger))
}

/** The losses of a ledger that are not 0. */
export function lossesOf({ lost }: LedgerRecord): Record<string, number> {
  const entries = Object.entries(lost).filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
  return Object.fromEntries(entries)
}
