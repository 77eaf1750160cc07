import type { RoleOptions } from '../src/commands/bench/chain.ts'
import type { Load } from '../src/commands/bench/load.ts'
import { allPeers, available, named } from './chains/all.ts'
import { measureCold } from './chains/cold.ts'
import type { Peer } from './chains/peers.ts'
import { measureChains } from './chains/warm.ts'
import { measureCommands } from './commands/commands.ts'
import { measureFile } from './file/file.ts'
import type { PartName, PartResult } from './result.ts'
import type { ScaleCase } from './scale/cases.ts'
import { measureScale } from './scale/scale.ts'
import { startUdpLoad } from './udp-load.ts'

/** The options of all parts. */
export interface PartOptions {
  readonly run: RoleOptions
  /** Less than a minute a part: fewer chains, shorter trials, a coarser search. */
  readonly quick: boolean
  /** Words of which a chain's name has to contain one; all chains without. */
  readonly peers: readonly string[]
  /** Bytes of datagrams. */
  readonly sizes: readonly number[]
  readonly cases: readonly ScaleCase[]
  readonly durationMs: number
  /** Searches and trials of the same kind. */
  readonly repeat: number
  readonly say: (text: string) => void
}

/** The outcome of a part. */
export type Measured = Pick<PartResult<unknown>, 'trialMs' | 'load' | 'skipped' | 'results'>

/** Time of a cold trial, in ms: a chain's first seconds. */
const COLD_MS = 2_000
/** Time of load before a proxy is measured, in ms. */
const SCALE_WARM_UP_MS = 2_000

export const PART_RUNNERS: Readonly<Record<PartName, (options: PartOptions) => Promise<Measured>>> = {
  async chains(options) {
    const { run, quick, durationMs } = options
    const { peers, skipped } = available(
      named(allPeers(run), options.peers).filter(
        peer => !quick || options.peers.length > 0 || peer.everySize === true,
      ),
    )
    return await withUdpLoad(async load => {
      const results = await measureChains({ ...options, load, peers })
      return { trialMs: durationMs, skipped, results }
    })
  },
  async cold(options) {
    const { run, quick, sizes, durationMs, repeat, say } = options
    const isCompared = ({ name, setting }: Peer) =>
      quick
        ? name === 'groundwire' || name === 'C on libzmq, tuned'
        : name === 'groundwire' || name === 'AIT server' || setting === 'tuned'
    const { peers, skipped } = available(named(allPeers(run), options.peers).filter(isCompared))
    const trialMs = quick ? durationMs : COLD_MS
    return await withUdpLoad(async load => {
      const results = await measureCold({
        load,
        peers,
        size: sizes[0] ?? 256,
        resolution: quick ? 0.25 : 0.05,
        durationMs: trialMs,
        rounds: quick ? 2 : 2 * repeat,
        say,
      })
      return { trialMs, skipped, results }
    })
  },
  async scale({ run, quick, cases, durationMs, repeat, say }) {
    const warmUpMs = quick ? durationMs : SCALE_WARM_UP_MS
    const measured = await measureScale({
      run,
      cases,
      warmUpMs,
      durationMs,
      allTopics: !quick,
      rounds: repeat,
      say,
    })
    return { trialMs: durationMs, ...measured }
  },
  async file({ run, quick, repeat, say }) {
    const lengths = quick ? [100_000] : [500_000, 2_000_000]
    const slowMessages = quick ? 50_000 : 500_000
    const rounds = Math.min(repeat, 3)
    const measured = await measureFile({ run, messages: lengths, slowMessages, rounds, say })
    return { trialMs: null, load: null, ...measured }
  },
  async commands({ run, quick, durationMs, say }) {
    const results = await measureCommands({ run, quick, durationMs, say })
    return { trialMs: durationMs, load: 'TypeScript', skipped: {}, results }
  },
}

async function withUdpLoad(
  measure: (load: Load) => Promise<Pick<Measured, 'trialMs' | 'skipped' | 'results'>>,
): Promise<Measured> {
  const { load, language } = await startUdpLoad()
  try {
    return { load: language, ...(await measure(load)) }
  } finally {
    load.close()
  }
}
