import type { LatencyFigures } from './latency-histogram.ts'

/** A stretch of a trial at one rate. */
export interface LoadPhase {
  /** Datagrams a second; infinite for back to back. */
  readonly rate: number
  readonly messages: number
}

/** What the generator is to send. A rate of Infinity does not survive JSON, so it stands as null between processes. */
export interface SendRequest {
  readonly type: 'send'
  readonly trial: number
  readonly port: number
  readonly size: number
  readonly phases: readonly { readonly rate: number | null; readonly messages: number }[]
}

/** What the generator did. Times are on the shared clock, in ms. */
export interface SendReport {
  readonly sent: number
  /** When each phase began, and when the last one ended. */
  readonly times: readonly number[]
  /** CPU time it took, in ms. */
  readonly cpuMs: number
}

export type ReceiveRequest = { readonly type: 'expect'; readonly trial: number } | { readonly type: 'report' }

/** What the receiver has met of the trial so far. */
export interface ReceiveReport {
  readonly received: number
  /** Came after a later one, or twice. */
  readonly disordered: number
  /** When the first datagram after the last gap had been sent; null where there was no gap. */
  readonly lastGapMs: number | null
  readonly latency: LatencyFigures
  readonly cpuMs: number
}

export type WorkerRequest = SendRequest | ReceiveRequest
