import type { OverloadFigures } from '../../src/commands/bench/measure.ts'
import type { RoleFigures, Trial } from '../../src/commands/bench/load.ts'
import type { Setting } from '../programs.ts'

/** Latency and cost of a chain at one rate: of several trials, that with the p99 in the middle. */
export interface RateFigures {
  /** Datagrams per second. */
  readonly rate: number
  /** In microseconds. */
  readonly p50: number
  readonly p99: number
  /** Range of the trials' p99, as a share of the median; null after one trial. */
  readonly spread: number | null
  /** CPU time of all the chain's processes for each message received, in microseconds: the median of the trials. */
  readonly cpuUs: number
  /** Lost in all trials. */
  readonly lost: number
}

/** The figures of one chain for datagrams of one size. */
export interface ChainResult {
  readonly chain: string
  readonly setting: Setting | null
  /** Bytes per datagram. */
  readonly size: number
  /** No-drop rate found by each search, in datagrams per second. */
  readonly noDrop: readonly number[]
  /** Range of these rates, as a share of their median; null after one search. */
  readonly spread: number | null
  readonly limitedBy: Trial['limitedBy']
  /** At each compared rate that the chain carries. */
  readonly rates: readonly RateFigures[]
  /** At the no-drop rate. */
  readonly roles: Readonly<Record<string, RoleFigures>>
  readonly burst: number | null
  readonly overload: OverloadFigures | null
}

/** The figures of one chain from the moment that it is ready. */
export interface ColdResult {
  readonly chain: string
  /** The highest rate without a loss in its first seconds, in datagrams per second. */
  readonly noDrop: number
  readonly limitedBy: Trial['limitedBy']
  /** At the same rate for all chains, each trial with a new chain; null if that was not tried. */
  readonly atRate: {
    readonly rate: number
    readonly trials: number
    /** Trials in which nothing was lost. */
    readonly lossless: number
    /** The most that one trial lost. */
    readonly worstLoss: number
    /** Of each trial, in microseconds: the median. */
    readonly p50: number
    readonly p99: number
    readonly spread: number | null
  } | null
}

/** CPU time of all roles of a chain for each message, in microseconds. */
export function cpuOf(roles: ChainResult['roles']): number {
  return Object.values(roles).reduce((sum, { cpuUs }) => sum + cpuUs, 0)
}
