import type { ClientKeys } from '../../src/core/security/keys.ts'
import type { Pair } from './pair-process.ts'

/** Tools of an attack. */
export interface Target {
  readonly xsub: string
  readonly xpub: string
  /** Keys that the proxy lets in, where it has some. */
  readonly keys: ClientKeys | undefined
  /** Short run: an attack takes a few seconds at most. */
  readonly short: boolean
  /** Random numbers from 0 to 1, determined by the seed. */
  readonly random: () => number
  /** Starts another legitimate pair, which delivers so many messages. */
  readonly join: (messages: number) => Promise<Pair>
  /** Waits until the proxy's standard error matches, or the time is up. */
  readonly untilSaid: (pattern: RegExp, ms: number) => Promise<boolean>
}

/** An attack that must not hurt legitimate clients. */
export interface Attack {
  readonly name: string
  /** The proxy has keys, and so have the rightful clients. Default false. */
  readonly hasKeys?: boolean
  /** The most memory of the proxy, in MiB. Default 400. */
  readonly peakMiB?: number
  /** Limit of the proxy's file descriptors. Default: the system's. */
  readonly descriptors?: number
  /** The longest that a rightful message may be on its way meanwhile, in ms. Default 8,000: the machine is loaded by it too. */
  readonly slowestMs?: number
  /** Attacks, and says what it did. @throws where the proxy did not do what it should */
  readonly run: (target: Target) => Promise<string>
}
