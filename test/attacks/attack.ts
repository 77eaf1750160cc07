import type { Pair } from './pair-process.ts'

/** The means that an attack has at hand. */
export interface Target {
  readonly xsub: string
  readonly xpub: string
  /** Whether this run is short: then an attack takes a few seconds at most. */
  readonly short: boolean
  /** Numbers from 0 to 1 that the seed determines. */
  readonly random: () => number
  /** Starts another rightful pair, which has so many messages to deliver. */
  readonly join: (messages: number) => Promise<Pair>
  /** Waits until that holds of the proxy's standard error, or time is up. */
  readonly untilSaid: (pattern: RegExp, ms: number) => Promise<boolean>
}

/** Something that must not hurt whoever does nothing wrong. */
export interface Attack {
  readonly name: string
  /** File descriptors that the proxy may have; default: what the system gives it. */
  readonly descriptors?: number
  /** The longest that a rightful message may be on its way meanwhile, in ms. Default 8,000: the machine is loaded by it too. */
  readonly slowestMs?: number
  /** Attacks, and says what it did. @throws where the proxy did not do what it should */
  readonly run: (target: Target) => Promise<string>
}
