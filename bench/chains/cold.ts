// The chains from the moment that they are ready: each trial starts its chain anew.
import type { Load, Trial } from '../../src/commands/bench/load.ts'
import { passed, steady } from '../../src/commands/bench/measure.ts'
import { RateSearch } from '../../src/commands/bench/rate-search.ts'
import { median, spread } from '../statistics.ts'
import type { Peer } from './peers.ts'
import type { ColdResult } from './result.ts'
import { inTurn } from './warm.ts'

export interface ColdOptions {
  readonly load: Load
  /** All can be started. */
  readonly peers: readonly Peer[]
  readonly size: number
  /** Resolution of the search: 0.05 is 5 %. */
  readonly resolution: number
  readonly durationMs: number
  /** Trials at the same rate for all. */
  readonly rounds: number
  readonly say: (text: string) => void
}

/** The rate that all chains are offered from the moment that they are ready, in datagrams per second. */
const RATE = 100_000
const FIRST_RATE = 25_000
const MOST = 2_000_000

export async function measureCold(options: ColdOptions): Promise<ColdResult[]> {
  const { peers, rounds } = options
  const trials = new Map<Peer, Trial[]>(peers.map(peer => [peer, []]))
  for (let round = 0; round < rounds; round++)
    for (const peer of peers) trials.get(peer)?.push(await coldTrial(options, peer, RATE))
  const searches = peers.map(peer => new ColdSearch(options, peer))
  await inTurn(searches)
  return searches.map(({ peer, rate, limitedBy }) => ({
    chain: peer.name,
    noDrop: rate,
    limitedBy,
    atRate: coldFigures(RATE, trials.get(peer) ?? []),
  }))
}

/** The figures that trials of new chains at one rate show together. */
export function coldFigures(
  rate: number,
  trials: readonly Pick<Trial, 'sent' | 'received' | 'latency'>[],
): ColdResult['atRate'] {
  if (trials.length === 0) return null
  const losses = trials.map(({ sent, received }) => sent - received)
  const p99 = trials.map(({ latency }) => latency.p99)
  return {
    rate,
    trials: trials.length,
    lossless: losses.filter(loss => loss === 0).length,
    worstLoss: Math.max(...losses),
    p50: median(trials.map(({ latency }) => latency.p50)),
    p99: median(p99),
    spread: spread(p99),
  }
}

/** The search for a no-drop rate with a new chain for each trial. */
class ColdSearch {
  readonly peer: Peer
  rate = 0
  limitedBy: Trial['limitedBy'] = null
  readonly #options: ColdOptions
  readonly #search: RateSearch

  constructor(options: ColdOptions, peer: Peer) {
    this.peer = peer
    this.#options = options
    this.#search = new RateSearch({ start: FIRST_RATE, limit: MOST, resolution: options.resolution })
  }

  /** Runs one trial. @returns false if the search is over */
  async step(): Promise<boolean> {
    const { next } = this.#search
    if (next === undefined) return false
    const trial = await coldTrial(this.#options, this.peer, next)
    if (passed(trial)) this.rate = Math.max(this.rate, Math.round(trial.offered))
    this.limitedBy = trial.limitedBy
    this.#search.record(passed(trial), trial.limitedBy === 'generator' ? trial.offered : next)
    return true
  }
}

async function coldTrial(
  { load, size, durationMs, say, resolution }: ColdOptions,
  peer: Peer,
  rate: number,
): Promise<Trial> {
  const chain = { ...(await peer.start(load.port)), name: peer.name }
  try {
    if (peer.saysReady !== true) await load.open(chain)
    const trial = await steady({ load, size, durationMs, resolution }, chain, rate)
    const { sent, received, latency } = trial
    say(
      `cold, ${peer.name}: ${sent} at ${Math.round(rate)}/s, ${sent - received} lost, p99 ${Math.round(latency.p99)} µs`,
    )
    return trial
  } finally {
    await chain.close()
  }
}
