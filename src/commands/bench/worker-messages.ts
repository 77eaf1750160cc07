import type { WaitOptions } from '../../core/condition.ts'
import type { LatencyFigures } from './latency-histogram.ts'

/** Part of a trial with one rate. */
export interface LoadPhase {
  /** Datagrams per second; Infinity for back to back. */
  readonly rate: number
  readonly messages: number
}

/** A request to the generator. JSON has no Infinity, so a rate of Infinity is null between processes. */
export interface SendRequest {
  readonly type: 'send'
  readonly trial: number
  readonly port: number
  readonly size: number
  readonly phases: readonly { readonly rate: number | null; readonly messages: number }[]
}

/** The report of the generator. Times are on the shared clock, in ms. */
export interface SendReport {
  readonly sent: number
  /** The beginning of each phase, and the end of the last one. */
  readonly times: readonly number[]
  /** CPU time used, in ms. */
  readonly cpuMs: number
}

export type ReceiveRequest = { readonly type: 'expect'; readonly trial: number } | { readonly type: 'report' }

/** The receiver's report on a trial so far. */
export interface ReceiveReport {
  readonly received: number
  /** Datagrams of other trials: late ones. */
  readonly others: number
  /** Datagrams that arrived after a later one, or twice. */
  readonly disordered: number
  /** Sending time of the first datagram after the last gap. Null without a gap. */
  readonly lastGapMs: number | null
  readonly latency: LatencyFigures
  readonly cpuMs: number
}

export type WorkerRequest = SendRequest | ReceiveRequest

/** A generator or a receiver in a process of its own. It answers one request at a time. */
export interface LoadWorker {
  ask<T>(request: WorkerRequest, options?: WaitOptions): Promise<T>
  /** Kills the process. */
  close(): void
}
