// Measures the speed of `tap` and `publish` on a bus, one process each: see bench/README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { closeAll, type RoleOptions, startProxy } from '../../src/commands/bench/chain.ts'
import type { RoleFigures } from '../../src/commands/bench/load.ts'
import { BusLoad } from './bus-load.ts'
import { publishTrial, rateBetween, writeLines } from './publish-trial.ts'
import { searchTapRate } from './tap-search.ts'
import { type BusTrialOptions, type TapTrial, tapTrial } from './tap-trial.ts'

/** The rate that one command carries. */
export interface CommandResult {
  readonly command: string
  /** Bytes per payload. */
  readonly size: number
  /** The rate that it is to carry, in messages a second; null without a target. */
  readonly target: number | null
  /** Highest rate that a tap showed completely, or that a publisher handed to the bus, in messages per second. */
  readonly rate: number
  /** Messages that did not arrive at that rate. */
  readonly lost: number
  readonly messages: number
  /** The limit that ended a search, if it was not the command. */
  readonly limitedBy: TapTrial['limitedBy']
  readonly roles: Readonly<Record<string, RoleFigures>>
}

export interface CommandsOptions {
  readonly run: RoleOptions
  /** Search more coarsely, with shorter files. */
  readonly quick: boolean
  /** Time that a trial of a tap publishes, in ms. */
  readonly durationMs: number
  readonly say: (text: string) => void
}

const TAP_BYTES = 256
/** First rate in the search of a tap without a requirement, in messages per second. */
const TAP_START = 50_000
/** The highest rate that is tried. */
const MOST = 2_000_000

const TAPS: readonly { options: readonly string[]; target: number | null }[] = [
  { options: ['-f', 'json'], target: 50_000 },
  { options: ['--stats'], target: 150_000 },
  { options: ['-f', 'raw'], target: null },
  { options: ['-f', 'pcapng'], target: null },
  { options: ['-f', 'hexdump'], target: null },
]
const PUBLISH_TARGET = 200_000
const LINE_BYTES = [64, 256]

/** Measures all commands, one after the other. */
export async function measureCommands(options: CommandsOptions): Promise<CommandResult[]> {
  const { run, quick } = options
  const folder = mkdtempSync(path.join(tmpdir(), 'groundwire-bench-'))
  const load = await BusLoad.start()
  const proxy = await startProxy(run)
  let topics = 0
  const trials: BusTrialOptions = { run, bus: proxy, load, folder, topic: () => `bench-${++topics}` }
  try {
    const results: CommandResult[] = []
    for (const tap of TAPS) results.push(await searchTap(trials, options, tap))
    const lines = quick ? 300_000 : 1_000_000
    for (const size of LINE_BYTES) results.push(await measurePublish(trials, options, lines, size))
    return results
  } finally {
    load.close()
    await closeAll([proxy.child])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function searchTap(
  trials: BusTrialOptions,
  { quick, durationMs, say }: CommandsOptions,
  { options, target }: (typeof TAPS)[number],
): Promise<CommandResult> {
  const command = `tap ${options.join(' ')}`
  const { best, limitedBy } = await searchTapRate(
    async rate => {
      const trial = await tapTrial(trials, options, { size: TAP_BYTES, rate, durationMs })
      say(trialText(command, trial))
      return trial
    },
    { start: target ?? TAP_START, limit: MOST, resolution: quick ? 0.15 : 0.05 },
  )
  return {
    command,
    size: TAP_BYTES,
    target,
    rate: Math.round(best?.offered ?? 0),
    lost: 0,
    messages: best?.sent ?? 0,
    limitedBy,
    roles: best?.roles ?? {},
  }
}

async function measurePublish(
  trials: BusTrialOptions,
  { say }: CommandsOptions,
  lines: number,
  size: number,
): Promise<CommandResult> {
  const file = path.join(trials.folder, 'lines')
  const trial = async (messages: number) => {
    writeLines(file, messages, size)
    const done = await publishTrial(trials, file, messages)
    say(`publish: ${messages} lines of ${size} bytes in ${done.tookMs} ms, ${messages - done.arrived} lost`)
    return done
  }
  const { rate, lost, messages, roles } = rateBetween(await trial(lines / 10), await trial(lines))
  rmSync(file)
  return {
    command: 'publish --split lines',
    size,
    target: PUBLISH_TARGET,
    rate,
    lost,
    messages,
    limitedBy: null,
    roles,
  }
}

function trialText(command: string, { rate, offered, sent, shown, lost, limitedBy }: TapTrial): string {
  const causes = Object.entries(lost).map(([cause, messages]) => `${cause} ${messages}`)
  const missing = `${sent - shown} lost${causes.length === 0 ? '' : ` (${causes.join(', ')})`}`
  const limit = limitedBy === null ? '' : `, limited by the ${limitedBy} to ${Math.round(offered)}/s`
  return `${command}: ${sent} at ${Math.round(rate)}/s, ${missing}${limit}`
}
