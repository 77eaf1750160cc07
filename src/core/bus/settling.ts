import type { Subscriptions } from './subscriptions.ts'

/** How long after a connection subscriptions may take to arrive before a topic counts as unheard, in ms. */
const SETTLE_MS = 500
/** The same where the proxy was away: its subscribers have to find it again too, at up to a second's interval. */
const RETURN_MS = 2_500
/** How long a topic that nobody asks for any more is held back: perhaps it is the connection that broke. */
const UNSUBSCRIBED_MS = 50

/**
 * Tells whether a publisher knows all the subscriptions that there are: whether a topic without one is unheard, rather
 * than not heard of yet.
 */
export class Settling {
  readonly #subscriptions: Subscriptions
  readonly #onSettled: () => void
  #settled = false
  #timer: NodeJS.Timeout | undefined
  #proxyWasAway = false
  /** What was asked for when the connection was lost: once all of it is back, no more has to be waited for. */
  #wantedBefore: ReadonlySet<string> = new Set()

  constructor(subscriptions: Subscriptions, onSettled: () => void) {
    this.#subscriptions = subscriptions
    this.#onSettled = onSettled
  }

  get settled(): boolean {
    return this.#settled
  }

  connected(): void {
    this.#unsettle(this.#proxyWasAway ? RETURN_MS : SETTLE_MS)
  }

  /** The proxy is not there, or not any more. */
  away(wasConnected: boolean): void {
    if (wasConnected) this.#wantedBefore = this.#subscriptions.snapshot()
    this.#proxyWasAway = true
    this.#unsettle()
  }

  subscribed(): void {
    if (this.#settled || !this.#proxyWasAway || this.#wantedBefore.size === 0) return
    if (this.#subscriptions.includesAll(this.#wantedBefore)) this.#settle()
  }

  unsubscribed(): void {
    if (this.#settled) this.#unsettle(UNSUBSCRIBED_MS)
  }

  close(): void {
    this.#unsettle()
  }

  #unsettle(forMs?: number): void {
    this.#settled = false
    clearTimeout(this.#timer)
    if (forMs !== undefined) this.#timer = setTimeout(() => this.#settle(), forMs)
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#settled = true
    this.#proxyWasAway = false
    this.#onSettled()
  }
}
