import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { closeAll, type StartedRole, startRole } from '../../src/commands/bench/chain.ts'
import type { RoleFigures } from '../../src/commands/bench/load.ts'
import { type ProcessFigures, readFigures, resetPeak } from '../../src/commands/bench/process-figures.ts'
import type { LedgerRecord } from '../../src/core/ledger.ts'
import { type BusTrialOptions, untilIdle } from './tap-trial.ts'

/** The result of publishing a file of lines. */
export interface PublishTrial {
  readonly messages: number
  /** Messages handed to the bus, by the publisher's ledger. */
  readonly sent: number
  /** Messages received by a tap of the topic, by its ledger. */
  readonly arrived: number
  /** Time from opening to closing the publisher's ledger, in ms. */
  readonly tookMs: number
  /** Total resources by process, `publish` and `proxy`. Empty if the system doesn't report them. */
  readonly used: Readonly<Record<string, ProcessFigures>>
}

/** Rate of publishing lines, without the start. */
export interface PublishRate {
  /** Messages per second. */
  readonly rate: number
  readonly messages: number
  /** Messages that did not arrive. */
  readonly lost: number
  readonly roles: Readonly<Record<string, RoleFigures>>
}

/** Interval at which the publisher's use is looked at, in ms: what it used after the last look is not seen. */
const LOOK_MS = 20

/** Writes a file of equal lines, each of `size` bytes plus a line feed. */
export function writeLines(file: string, lines: number, size: number): void {
  const line = `${'groundwire '.repeat(Math.ceil(size / 11)).slice(0, size)}\n`
  writeFileSync(file, line.repeat(lines))
}

/** Publishes a file of lines, while a tap of its topic counts the arrivals. */
export async function publishTrial(
  { run, bus, folder, topic }: BusTrialOptions,
  file: string,
  messages: number,
): Promise<PublishTrial> {
  const name = topic()
  const ledgers = { publish: path.join(folder, 'publish.json'), tap: path.join(folder, 'tap.json') }
  const tapWords = ['tap', name, '-f', 'none', '--xpub', bus.xpub, '--ledger', ledgers.tap]
  const tap = await startRole(run, tapWords, /ready: /)
  try {
    await resetPeak(bus.pid)
    const proxyBefore = await readFigures(bus.pid)
    const publishWords = ['publish', name, '--split', 'lines', '--file', file, '--xsub', bus.xsub]
    const publish = await startRole(run, [...publishWords, '--ledger', ledgers.publish], /ready: /)
    const figures = await untilEnded(publish)
    await untilIdle(tap.pid)
    const proxy = await readFigures(bus.pid)
    await closeAll([tap.child])
    const own = readLedger(ledgers.publish)
    return {
      messages,
      sent: own.sent.messages,
      arrived: readLedger(ledgers.tap).sent.messages,
      tookMs: Date.parse(own.stopped ?? '') - Date.parse(own.started),
      used: {
        ...(figures && { publish: figures }),
        ...(proxy && proxyBefore && { proxy: { ...proxy, cpuMs: proxy.cpuMs - proxyBefore.cpuMs } }),
      },
    }
  } finally {
    await closeAll([tap.child])
    for (const ledger of Object.values(ledgers)) rmSync(ledger, { force: true })
  }
}

/** Returns the rate from the difference of a short and a long file. Start and end take the same time in both and cancel out. */
export function rateBetween(short: PublishTrial, long: PublishTrial): PublishRate {
  const messages = long.sent - short.sent
  const roles: Record<string, RoleFigures> = {}
  for (const [name, { cpuMs, peakMiB }] of Object.entries(long.used)) {
    const before = short.used[name]
    if (before !== undefined) roles[name] = { cpuUs: ((cpuMs - before.cpuMs) * 1000) / messages, peakMiB }
  }
  return {
    rate: Math.round((messages / Math.max(1, long.tookMs - short.tookMs)) * 1000),
    messages: long.messages,
    lost: long.messages - long.arrived,
    roles,
  }
}

/** Waits for the end of a process. @returns its resources shortly before */
export async function untilEnded({
  child,
  pid,
}: Pick<StartedRole, 'child' | 'pid'>): Promise<ProcessFigures | undefined> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  let last: ProcessFigures | undefined
  const exit = hasEnded() ? undefined : once(child, 'exit')
  while (!hasEnded()) {
    last = betterOf(last, await readFigures(pid))
    await Promise.race([exit, after(LOOK_MS)])
  }
  return last
}

/** A process that has ended but was not waited for has no memory any more. */
function betterOf(
  last: ProcessFigures | undefined,
  now: ProcessFigures | undefined,
): ProcessFigures | undefined {
  return now === undefined || Number.isNaN(now.peakMiB) ? last : now
}

function readLedger(file: string): LedgerRecord {
  return JSON.parse(readFileSync(file, 'utf8')) as LedgerRecord
}
