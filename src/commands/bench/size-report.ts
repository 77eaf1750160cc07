import type { Chain } from './chain.ts'
import type { RoleFigures, Trial } from './load.ts'
import {
  type LatencyAtRate,
  measureLatency,
  measureOverload,
  NoDropSearch,
  type OverloadFigures,
  searchBurst,
  type TrialOptions,
} from './measure.ts'
import type { PlotPoint } from './plot.ts'

/** The figures of a chain for datagrams of one size. */
export interface SizeReport {
  /** Bytes of a datagram. */
  readonly size: number
  /** Highest rate without loss, in datagrams a second. */
  readonly noDropRate: number
  /** The part of the bench itself that kept the search from going further. The chain can do more then. */
  readonly limitedBy: Trial['limitedBy']
  /** Most datagrams back to back without loss. */
  readonly burst: number
  readonly overload: OverloadFigures
  /** At 10, 50 and 90 % of the no-drop rate. */
  readonly latency: readonly LatencyAtRate[]
  /** The resources that each role used at the no-drop rate. */
  readonly roles: Readonly<Record<string, RoleFigures>>
  /** Latency at every rate that passed, ordered by rate. */
  readonly points: readonly PlotPoint[]
}

/** Shares of the no-drop rate at which latency is measured. */
const SHARES = [0.1, 0.5, 0.9]

/** Measures one chain at one size, a trial after the other. `start` is the first rate tried. */
export async function measureSize(options: TrialOptions, chain: Chain, start: number): Promise<SizeReport> {
  const search = new NoDropSearch(options, chain, start)
  while (await search.step());
  const { rate, best, limitedBy, trials } = search
  const latency: LatencyAtRate[] = []
  for (const share of SHARES)
    latency.push(await measureLatency(options, chain, Math.max(1, Math.round(rate * share))))
  const burst = await searchBurst(options, chain)
  const overload = await measureOverload(options, chain, Math.max(1, rate))
  const points = trials.map(
    ({ offered, latency: { p50, p99 } }): PlotPoint => ({ rate: Math.round(offered), p50, p99 }),
  )
  for (const { rate: at, p50, p99 } of latency) points.push({ rate: at, p50, p99 })
  points.sort((a, b) => a.rate - b.rate)
  return {
    size: options.size,
    noDropRate: rate,
    limitedBy,
    burst,
    overload,
    latency,
    roles: best?.roles ?? {},
    points,
  }
}
