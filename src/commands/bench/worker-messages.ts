import type { LatencyFigures } from './latency-histogram.ts'

/** A stretch of a trial at one rate. */
export interface LoadPhase {
  /** Datagrams a second; infinite for back to back. */
  readonly rate: number
  readonly messages: number
}

/** A request to the generator. A rate of Infinity does not survive JSON, so it stands as null between processes. */
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
  /** CPU time it took, in ms. */
  readonly cpuMs: number
}

export type ReceiveRequest = { readonly type: 'expect'; readonly trial: number } | { readonly type: 'report' }

/** The part of a trial that the receiver has met so far. */
export interface ReceiveReport {
  readonly received: number
  /** Came after a later one, or twice. */
  readonly disordered: number
  /** The time at which the first datagram after the last gap had been sent. Null if there was no gap. */
  readonly lastGapMs: number | null
  readonly latency: LatencyFigures
  readonly cpuMs: number
}

export type WorkerRequest = SendRequest | ReceiveRequest
