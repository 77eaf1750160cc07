import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll, type RoleOptions, startRole } from '../../src/commands/bench/chain.ts'
import type { RoleFigures } from '../../src/commands/bench/load.ts'
import { type ProcessFigures, readFigures, resetPeak } from '../../src/commands/bench/process-figures.ts'
import type { LedgerRecord } from '../../src/core/ledger.ts'
import type { PublishReport, PublishRequest } from './bus-generator.ts'

/** The options that trials on a bus share. */
export interface BusTrialOptions {
  /** Program and environment of groundwire. */
  readonly run: RoleOptions
  readonly bus: { readonly xsub: string; readonly xpub: string; readonly pid: number }
  readonly load: {
    readonly pid: number
    publish(request: PublishRequest): Promise<PublishReport>
  }
  /** Folder for the files of the trials. */
  readonly folder: string
  /** Returns a topic that no other trial uses, so that an old subscription can't be taken for a new one. */
  readonly topic: () => string
}

/** The result of an even load, all of which a tap was to show. */
export interface TapTrial {
  /** Planned rate, in messages per second. */
  readonly rate: number
  /** Rate that the bus took, in messages per second. */
  readonly offered: number
  readonly sent: number
  /** Messages shown by the tap, by its ledger. */
  readonly shown: number
  /** Missing messages by cause, as far as the tap knows. */
  readonly lost: Readonly<Record<string, number>>
  /** By process: `tap`, `proxy` and `generator`. Empty if the system doesn't report them. */
  readonly roles: Readonly<Record<string, RoleFigures>>
  /** The reason that the load was not offered in full: the load generator, or the bus, which took no more. */
  readonly limitedBy: 'generator' | 'bus' | null
}

/** A load below this share of the rate was not offered. */
const OFFERED_SHARE = 0.97
/** Time that a tap shows messages before it is measured, in ms, so that its code is compiled by then. */
const WARM_UP_MS = 500
/** Highest rate of the warm-up, in messages per second: code that is not compiled yet is slow. */
const WARM_UP_RATE = 20_000
/** A tap is done after this time with almost no CPU use, in ms. */
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
    // The ledger is complete only after the tap has ended.
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

/** Whether every published message was shown. */
export function shownAll({ sent, shown, lost }: TapTrial): boolean {
  return shown === sent && Object.keys(lost).length === 0
}

/** Resolves when a process is idle, or after a time limit. */
export async function untilIdle(pid: number): Promise<void> {
  let used = (await readFigures(pid))?.cpuMs
  for (const deadline = performance.now() + DONE_MS; performance.now() < deadline; ) {
    await after(QUIET_MS)
    const before = used
    used = (await readFigures(pid))?.cpuMs
    // An idle process may still use one tick for its timers.
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
