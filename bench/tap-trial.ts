import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll, type RoleOptions, startRole } from '../src/commands/bench/chain.ts'
import type { RoleFigures } from '../src/commands/bench/load.ts'
import { type ProcessFigures, readFigures, resetPeak } from '../src/commands/bench/process-figures.ts'
import type { LedgerRecord } from '../src/core/ledger.ts'
import type { PublishReport, PublishRequest } from './bus-generator.ts'

/** The options that trials on a bus share. */
export interface BusTrialOptions {
  /** How groundwire is run. */
  readonly run: RoleOptions
  readonly bus: { readonly xsub: string; readonly xpub: string; readonly pid: number }
  readonly load: {
    readonly pid: number
    publish(request: PublishRequest): Promise<PublishReport>
  }
  /** A folder for files of the trials. */
  readonly folder: string
  /** A topic that no other trial has: a subscription that is still there can't be taken for this one's. */
  readonly topic: () => string
}

/** The result of an even load, all of which a tap was to show. */
export interface TapTrial {
  /** Messages a second that were to be published. */
  readonly rate: number
  /** Messages a second that the bus took. */
  readonly offered: number
  readonly sent: number
  /** Messages that the tap has shown, by its ledger. */
  readonly shown: number
  /** Missing messages by cause, as far as the tap knows. */
  readonly lost: Readonly<Record<string, number>>
  /** By process: `tap`, `proxy` and `generator`. Nothing where the system doesn't tell. */
  readonly roles: Readonly<Record<string, RoleFigures>>
  /** The reason that the load was not offered in full: the load generator, or the bus, which took no more. */
  readonly limitedBy: 'generator' | 'bus' | null
}

/** A load that came to less than this share of the rate was not offered. */
const OFFERED_SHARE = 0.97
/** For how long a tap shows something before it is measured, so that its code is compiled by then, in ms. */
const WARM_UP_MS = 500
/** At most so many messages a second of it: code that is not compiled yet is slow. */
const WARM_UP_RATE = 20_000
/** A tap is done when it has used next to nothing for so long, in ms. */
const QUIET_MS = 200
/** Time that it is waited for, in ms. */
const DONE_MS = 5_000

/** Starts a tap with these options, and publishes messages for it at an even rate. */
export async function tapTrial(
  { run, bus, load, folder, topic }: BusTrialOptions,
  options: readonly string[],
  { size, rate, durationMs }: { readonly size: number; readonly rate: number; readonly durationMs: number },
): Promise<TapTrial> {
  const name = topic()
  const [output, ledgerFile] = [path.join(folder, 'output'), path.join(folder, 'ledger.json')]
  const stdout = openSync(output, 'w')
  const words = ['tap', name, ...options, '--xpub', bus.xpub, '--ledger', ledgerFile]
  const tap = await startRole({ ...run, stdout }, words, /ready: /).finally(() => closeSync(stdout))
  const pids = { tap: tap.pid, proxy: bus.pid, generator: load.pid }
  const request = { xsub: bus.xsub, topic: name, size }
  try {
    const warmUp = await load.publish({ ...request, ...evenly(Math.min(rate, WARM_UP_RATE), WARM_UP_MS) })
    await untilIdle(tap.pid)
    await Promise.all(Object.values(pids).map(pid => resetPeak(pid)))
    const before = await figuresOf(pids)
    const { sent, tookMs, heldBackMs } = await load.publish({ ...request, ...evenly(rate, durationMs) })
    await untilIdle(tap.pid)
    const roles = usedSince(before, await figuresOf(pids), sent)
    // Its ledger is whole when it has ended.
    await closeAll([tap.child])
    const { sent: own, lost } = JSON.parse(readFileSync(ledgerFile, 'utf8')) as LedgerRecord
    const offered = Math.min(rate, (sent / tookMs) * 1000)
    return {
      rate,
      offered,
      sent,
      shown: own.messages - warmUp.sent,
      lost: someOf(lost),
      roles,
      limitedBy: offered >= rate * OFFERED_SHARE ? null : heldBackMs > 0 ? 'bus' : 'generator',
    }
  } finally {
    await closeAll([tap.child])
    rmSync(output)
    rmSync(ledgerFile, { force: true })
  }
}

function evenly(rate: number, ms: number): { rate: number; messages: number } {
  return { rate, messages: Math.max(1, Math.round((rate * ms) / 1000)) }
}

/** Whether all was shown that was published. */
export function shownAll({ sent, shown, lost }: TapTrial): boolean {
  return shown === sent && Object.keys(lost).length === 0
}

/** Resolves when a process has nothing more to do, or was given time enough. */
export async function untilIdle(pid: number): Promise<void> {
  let used = (await readFigures(pid))?.cpuMs
  for (const deadline = performance.now() + DONE_MS; performance.now() < deadline; ) {
    await after(QUIET_MS)
    const before = used
    used = (await readFigures(pid))?.cpuMs
    // Of a process that waits, a tick may pass: it has timers.
    if (used === undefined || before === undefined || used - before <= 10) return
  }
}

/** The causes by which something was lost. */
function someOf(lost: LedgerRecord['lost']): Record<string, number> {
  const causes = Object.entries(lost).flatMap(([cause, count]) => (count ? [[cause, count] as const] : []))
  return Object.fromEntries(causes)
}

type Figures = Record<string, ProcessFigures | undefined>

async function figuresOf(pids: Readonly<Record<string, number>>): Promise<Figures> {
  const all = Object.entries(pids).map(async ([name, pid]) => [name, await readFigures(pid)] as const)
  return Object.fromEntries(await Promise.all(all))
}

function usedSince(before: Figures, now: Figures, messages: number): Record<string, RoleFigures> {
  const used: Record<string, RoleFigures> = {}
  for (const [name, figures] of Object.entries(now)) {
    const then = before[name]
    if (figures === undefined || then === undefined) continue
    const cpuUs = ((figures.cpuMs - then.cpuMs) * 1000) / Math.max(1, messages)
    used[name] = { cpuUs, peakMiB: figures.peakMiB }
  }
  return used
}
