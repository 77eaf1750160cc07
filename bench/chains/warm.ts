// The chains after a warm-up: no-drop rates, latencies, bursts and overload, the same trials of each in turn.
import type { Chain } from '../../src/commands/bench/chain.ts'
import type { Load } from '../../src/commands/bench/load.ts'
import {
  measureOverload,
  NoDropSearch,
  searchBurst,
  steady,
  type TrialOptions,
} from '../../src/commands/bench/measure.ts'
import { median, middleBy, spread } from '../statistics.ts'
import { nothing, type Peer } from './peers.ts'
import { type ChainResult, cpuOf, type RateFigures } from './result.ts'

export interface ChainsOptions {
  readonly load: Load
  /** All can be started. */
  readonly peers: readonly Peer[]
  readonly sizes: readonly number[]
  readonly quick: boolean
  readonly durationMs: number
  /** Searches of the first size, and latency trials. Other sizes have one search each. */
  readonly repeat: number
  readonly say: (text: string) => void
}

const WARM_UP_MS = 2_000
const WARM_UP_RATE = 50_000
/** Rates at which latencies are compared, in datagrams per second: far from every chain's limit, and near it. */
const RATES = [8_000, 80_000]
/** Time that twice the no-drop rate is offered, in trials: long enough to fill the queues. */
const OVERLOAD_TRIALS = 5
const FIRST_RATE = 16_000

/** A chain that runs, and what has been found out about it. */
interface Running {
  readonly peer: Peer
  readonly chain: Chain
  readonly trial: (size: number) => TrialOptions
  lastRate: number
}

export async function measureChains(options: ChainsOptions): Promise<ChainResult[]> {
  const { peers, sizes } = options
  const running: Running[] = []
  const results: ChainResult[] = []
  try {
    for (const peer of peers) running.push(await start(options, peer))
    for (const row of running) await warmUp(options, row, sizes[0] ?? 256)
    for (const [index, size] of sizes.entries()) {
      const rows = index === 0 ? running : running.filter(({ peer }) => peer.everySize)
      results.push(...(await measureSize(options, rows, size, index === 0)))
    }
  } finally {
    for (const { chain } of running) await chain.close()
  }
  return results
}

async function start({ load, durationMs, quick, say }: ChainsOptions, peer: Peer): Promise<Running> {
  const chain = { ...(await peer.start(load.port)), name: peer.name }
  const trial = (size: number): TrialOptions => ({
    load,
    size,
    durationMs,
    resolution: quick ? 0.15 : 0.05,
    onTrial: (what, { rate, sent, received, limitedBy }) => {
      const limit = limitedBy === null ? '' : `, limited by the ${limitedBy}`
      const lost = `${sent - received} lost${limit}`
      say(`${size} bytes, ${peer.name}, ${what}: ${sent} at ${Math.round(rate)}/s, ${lost}`)
    },
  })
  return { peer, chain, trial, lastRate: 2 * FIRST_RATE }
}

async function warmUp({ load }: ChainsOptions, { chain, trial }: Running, size: number): Promise<void> {
  await load.open(chain)
  await steady({ ...trial(size), durationMs: WARM_UP_MS }, chain, WARM_UP_RATE)
}

async function measureSize(
  options: ChainsOptions,
  rows: readonly Running[],
  size: number,
  isFirst: boolean,
): Promise<ChainResult[]> {
  const { quick, repeat, durationMs } = options
  const searches = new Map<Running, NoDropSearch[]>(rows.map(row => [row, []]))
  for (let round = 0; round < (isFirst ? repeat : 1); round++) {
    const open = rows.map(row => {
      const search = new NoDropSearch(
        row.trial(size),
        row.chain,
        Math.max(1_000, Math.round(row.lastRate / 2)),
      )
      searches.get(row)?.push(search)
      return search
    })
    await inTurn(open)
  }
  for (const row of rows) row.lastRate = Math.max(1, median(ratesOf(searches.get(row))))
  const rates = isFirst ? await measureRates(rows, size, quick ? 1 : repeat) : undefined
  const results: ChainResult[] = []
  for (const row of rows) {
    const all = searches.get(row) ?? []
    const noDrop = ratesOf(all)
    const withMore = isFirst && !quick && row.peer.name !== nothing.name
    results.push({
      chain: row.peer.name,
      setting: row.peer.setting ?? null,
      size,
      noDrop,
      spread: spread(noDrop),
      limitedBy: all.map(search => search.limitedBy).find(limit => limit !== null) ?? null,
      rates: rates?.get(row) ?? [],
      roles: middleBy(all, ({ rate }) => rate)?.best?.roles ?? {},
      burst: withMore ? await searchBurst(row.trial(size), row.chain) : null,
      overload: withMore
        ? await measureOverload(row.trial(size), row.chain, row.lastRate, OVERLOAD_TRIALS * durationMs)
        : null,
    })
  }
  return results
}

/** One trial of each search in turn, so that other load on the machine affects all of them. */
export async function inTurn(searches: readonly { step(): Promise<boolean> }[]): Promise<void> {
  for (let open = searches; open.length > 0; ) {
    const still: (typeof searches)[number][] = []
    for (const search of open) if (await search.step()) still.push(search)
    open = still
  }
}

function ratesOf(searches: readonly NoDropSearch[] = []): number[] {
  return searches.map(({ rate }) => rate)
}

/** Latency and cost at the compared rates, of the chains that carry them. */
async function measureRates(
  rows: readonly Running[],
  size: number,
  rounds: number,
): Promise<Map<Running, RateFigures[]>> {
  const figures = new Map<Running, RateFigures[]>(rows.map(row => [row, []]))
  for (const rate of RATES) {
    const carry = rows.filter(({ lastRate }) => lastRate >= rate)
    const trials = new Map<Running, LatencyTrial[]>(carry.map(row => [row, []]))
    for (let round = 0; round < rounds; round++) {
      for (const row of carry) {
        const options = row.trial(size)
        const trial = await steady(options, row.chain, rate)
        options.onTrial?.('latency', trial)
        const { latency, sent, received, roles } = trial
        trials.get(row)?.push({ ...latency, lost: sent - received, cpuUs: cpuOf(roles) })
      }
    }
    for (const row of carry) figures.get(row)?.push(rateFigures(rate, trials.get(row) ?? []))
  }
  return figures
}

/** Latency in microseconds, and the rest of a trial at a compared rate. */
export interface LatencyTrial {
  readonly p50: number
  readonly p99: number
  readonly lost: number
  readonly cpuUs: number
}

/** The figures that several trials at one rate show together. */
export function rateFigures(rate: number, trials: readonly LatencyTrial[]): RateFigures {
  const middle = middleBy(trials, ({ p99 }) => p99)
  return {
    rate,
    p50: middle?.p50 ?? Number.NaN,
    p99: middle?.p99 ?? Number.NaN,
    spread: spread(trials.map(({ p99 }) => p99)),
    cpuUs: median(trials.map(({ cpuUs }) => cpuUs)),
    lost: trials.reduce((sum, { lost }) => sum + lost, 0),
  }
}
