import assert from 'node:assert/strict'
import { readFile, readlink, readdir } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import type { LedgerRecord } from '../../src/core/ledger.ts'
import { readSocketTable } from '../../src/core/linux/socket-table.ts'
import { PATIENCE_MS, type Run } from './groundwire.ts'

/** Resolves with the ledger file of a running command as soon as a condition holds for it. It is written every second. */
export async function ledgerOf(
  file: string,
  holds: (ledger: LedgerRecord) => boolean,
): Promise<LedgerRecord> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    const ledger = text === undefined ? undefined : (JSON.parse(text) as LedgerRecord)
    if (ledger !== undefined && holds(ledger)) return ledger
    assert(performance.now() < deadline, `the ledger did not come to hold: ${text}`)
    await after(50)
  }
}

/** Messages received, plus those that the kernel dropped before. */
export function arrived({ received, lost }: LedgerRecord): number {
  return received.messages + (lost.kernel ?? 0)
}

/** Messages known to be lost on the bus; 0 if unknown. */
export function lostOnBus({ lost }: LedgerRecord): number {
  return lost.bus ?? 0
}

/** Peak resident memory of a process, in MiB (Linux). */
export async function peakRss({ pid }: Run): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

/** Local address of a process's TCP connection to a port of this host (Linux). */
export async function connectionOf({ pid }: Run, port: number): Promise<string> {
  const names = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(names.map(name => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  const inodes = new Set(links.map(link => Number(/^socket:\[(\d+)\]$/.exec(link)?.[1])))
  const row = (await readSocketTable('tcp'))?.find(
    ({ remote, inode }) => remote.port === port && inodes.has(inode),
  )
  assert(row, `process ${pid} has no connection to port ${port}`)
  return `${row.local.host}:${row.local.port}`
}
