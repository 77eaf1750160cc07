import type { WaitOptions } from '../../core/condition.ts'
import type { Chain } from './chain.ts'
import type { LatencyFigures } from './latency-histogram.ts'
import type { Load, RoleFigures, Trial } from './load.ts'
import { RateSearch, type RateSearchOptions } from './rate-search.ts'

/** The options that the trials of one run share. */
export interface TrialOptions extends WaitOptions {
  readonly load: Load
  /** Bytes of a datagram. */
  readonly size: number
  /** Time for which a trial sends, in ms. RFC 2544 asks for a minute, and two seconds at least while searching. */
  readonly durationMs: number
  /** The resolution of the search for a rate: 0.05 is 5 %. */
  readonly resolution: number
  /** Called with every trial. */
  readonly onTrial?: (what: string, trial: Trial) => void
}

/** Latency at a share of the no-drop rate. */
export interface LatencyAtRate extends LatencyFigures {
  /** Datagrams per second. */
  readonly rate: number
  readonly lost: number
}

/** The figures of a chain during an overload, and after it. */
export interface OverloadFigures {
  /** Rate offered, in datagrams per second: twice the no-drop rate. */
  readonly offered: number
  /** The share of the offered datagrams, during the overload and after it, that arrived. */
  readonly delivered: number
  /** Time from the end of the overload to the last loss, in ms. 0 if nothing was lost after it. */
  readonly recoveryMs: number
  readonly roles: Readonly<Record<string, RoleFigures>>
}

/** The highest rate tried. */
const MOST = 2_000_000
const MOST_IN_A_BURST = 262_144

/** Runs a trial at an even rate. */
export function steady(options: TrialOptions, chain: Chain, rate: number): Promise<Trial> {
  const messages = Math.max(1, Math.round((rate * options.durationMs) / 1000))
  return options.load.run(chain, options.size, [{ rate, messages }], options)
}

/** Whether every datagram arrived, once and in order. */
export function passed({ sent, received, disordered }: Trial): boolean {
  return received === sent && disordered === 0
}

/** Searches for the no-drop rate of a chain, one trial per step, so that several chains can take turns. */
export class NoDropSearch {
  /** The passed trial with the highest rate. */
  best: Trial | undefined
  /** Passed trials, in the order they were run. */
  readonly trials: Trial[] = []
  readonly #options: TrialOptions
  readonly #chain: Chain
  readonly #search: RateSearch
  /** The failed trial with the lowest rate. */
  #worst: Trial | undefined

  constructor(options: TrialOptions, chain: Chain, start: number) {
    this.#options = options
    this.#chain = chain
    this.#search = new RateSearch({ start, limit: MOST, resolution: options.resolution })
  }

  /** Runs one trial. @returns false if the search is over */
  async step(): Promise<boolean> {
    const rate = this.#search.next
    if (rate === undefined) return false
    const trial = await steady(this.#options, this.#chain, rate)
    const isPassed = passed(trial)
    if (isPassed) {
      this.trials.push(trial)
      if (this.best === undefined || trial.offered > this.best.offered) this.best = trial
    } else if (this.#worst === undefined || rate < this.#worst.rate) this.#worst = trial
    this.#search.record(isPassed, trial.limitedBy === 'generator' ? trial.offered : rate)
    this.#options.onTrial?.('no-drop rate', trial)
    return true
  }

  /** The part of the bench itself that kept the search from going higher. The chain may carry more then. */
  get limitedBy(): Trial['limitedBy'] {
    if (this.#worst === undefined) return this.best?.limitedBy ?? null
    return this.#worst.limitedBy === 'receiver' ? 'receiver' : null
  }

  /** The no-drop rate, in datagrams a second; 0 if every trial had a loss. */
  get rate(): number {
    return Math.round(this.best?.offered ?? 0)
  }
}

/** Measures latency at an even rate. */
export async function measureLatency(
  options: TrialOptions,
  chain: Chain,
  rate: number,
): Promise<LatencyAtRate> {
  const trial = await steady(options, chain, rate)
  options.onTrial?.('latency', trial)
  return { rate, lost: trial.sent - trial.received, ...trial.latency }
}

/** The largest number of datagrams sent back to back without loss. */
export async function searchBurst(options: TrialOptions, chain: Chain): Promise<number> {
  const limits: RateSearchOptions = { start: 512, limit: MOST_IN_A_BURST, resolution: 2 * options.resolution }
  const search = new RateSearch(limits)
  for (let messages = search.next; messages !== undefined; messages = search.next) {
    const phases = [{ rate: Number.POSITIVE_INFINITY, messages }]
    const trial = await options.load.run(chain, options.size, phases, options)
    search.record(passed(trial))
    options.onTrial?.('burst', trial)
  }
  return search.best
}

/** Offers twice the no-drop rate, then half of it, and measures the loss and its duration (RFC 2544, section 26.5). */
export async function measureOverload(
  options: TrialOptions,
  chain: Chain,
  noDropRate: number,
  overloadMs: number = options.durationMs,
): Promise<OverloadFigures> {
  const [over, under] = [noDropRate * 2, noDropRate / 2]
  const trial = await options.load.run(
    chain,
    options.size,
    [
      { rate: over, messages: Math.max(1, Math.round((over * overloadMs) / 1000)) },
      { rate: under, messages: Math.max(1, Math.round((under * options.durationMs) / 1000)) },
    ],
    options,
  )
  options.onTrial?.('overload', trial)
  const end = trial.times[1] ?? 0
  return {
    offered: Math.round(over),
    delivered: trial.received / trial.sent,
    recoveryMs: trial.lastGapMs === null ? 0 : Math.max(0, Math.round(trial.lastGapMs - end)),
    roles: trial.roles,
  }
}
