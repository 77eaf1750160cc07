import { isTopicLength } from './limits.ts'
import { PrefixTree } from './prefix-tree.ts'
import type { Subscriptions } from './subscriptions.ts'

/** After a first connection: how long subscriptions may take to arrive before a topic counts as unheard, in ms. */
const SETTLE_MS = 500
/** The same after the proxy was away: new subscribers have to find it too. */
const RETURN_MS = 2_500
/**
 * Time without sending after the proxy was away, in ms. One subscription to a topic tells that the first of its subscribers is
 * back, not that all are. A subscriber tries to connect every 250 ms at first, and every second after a minute; where the
 * network was cut off, an attempt that is under way takes up to 2 s more (see connector.ts).
 */
const HOLD_MS = { closed: 500, long: 1_500, silent: 3_000 } as const
/** An absence after which subscribers try less often, in ms. */
const LONG_ABSENCE_MS = 60_000
/** How long after an outage messages wait for a subscriber that was there before it, in ms. */
const EXPECT_MS = 30_000
/** Time for which a topic is held back when nobody asks for it any more, in ms: perhaps it is the connection that broke. */
const UNSUBSCRIBED_MS = 50
/** How long after a silence of the connection subscriptions are taken back because their subscribers were cut off too, in ms. */
const SHAKEN_MS = 5_000
/** Subscriptions that are expected back; further ones are not waited for. */
const MAX_EXPECTED = 65_536

/**
 * Tells a publisher what the subscriptions that it has heard of are worth: whether all may be sent that somebody asks for, and
 * whether a topic that nobody asks for is unheard, or only not heard of yet.
 */
export class SubscriptionSync {
  readonly #subscriptions: Subscriptions
  readonly #onChange: () => void
  /** Prefixes that were asked for before, and until when they are expected back, on the monotonic clock in ms. */
  readonly #expected = new PrefixTree<number>()
  #state: 'away' | 'holding' | 'settling' | 'settled' = 'away'
  #awaySince: number | undefined
  #holdUntil = 0
  #settleAt = 0
  #shakenUntil = 0
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  /** Grows with every change of its answers. */
  version = 0

  /** @param onChange called when an answer has changed by time alone */
  constructor(subscriptions: Subscriptions, onChange: () => void) {
    this.#subscriptions = subscriptions
    this.#onChange = onChange
  }

  /** Whether nothing is to be sent, though somebody may ask for it. */
  get holds(): boolean {
    return this.#state === 'away' || this.#state === 'holding'
  }

  /** Whether a topic that nobody asks for may be asked for yet. */
  expects(topic: Buffer): boolean {
    return this.#state !== 'settled' || this.#expected.some(topic, () => true)
  }

  /**
   * The proxy is there.
   * @param afterSilence nothing at all answered before: the network was cut off, or the host down
   */
  connected(afterSilence: boolean): void {
    const now = performance.now()
    const returned = this.#awaySince !== undefined
    const long = returned && now - (this.#awaySince ?? now) > LONG_ABSENCE_MS
    const hold = afterSilence ? HOLD_MS.silent : long ? HOLD_MS.long : HOLD_MS.closed
    this.#holdUntil = returned ? now + hold : now
    this.#settleAt = now + (returned ? Math.max(RETURN_MS, hold) : SETTLE_MS)
    this.#expectAll(now + EXPECT_MS)
    this.#awaySince = undefined
    this.#state = returned ? 'holding' : 'settling'
    this.#advance()
  }

  /**
   * The proxy is not there, or not any more.
   * @param wasConnected whether a connection was lost by this
   */
  away(wasConnected: boolean): void {
    this.#sleep()
    this.#awaySince ??= performance.now()
    if (wasConnected) {
      this.#expectAll(Number.POSITIVE_INFINITY)
      for (const prefix of this.#subscriptions.prefixes()) this.#expect(prefix, Number.POSITIVE_INFINITY)
    }
    this.#state = 'away'
    this.version += 1
  }

  /**
   * The connection has survived an outage of some seconds. The proxy may have given its subscribers up in it, and they are about
   * to come back.
   */
  revived(): void {
    this.#shakenUntil = performance.now() + SHAKEN_MS
  }

  /** Somebody asks for a prefix. */
  subscribed(prefix: Buffer): void {
    if (this.#expected.delete(prefix)) this.version += 1
  }

  /** Nobody asks for a prefix any more. */
  unsubscribed(prefix: Buffer): void {
    if (this.#state === 'away') return
    const now = performance.now()
    const until = now + (now < this.#shakenUntil ? EXPECT_MS : UNSUBSCRIBED_MS)
    this.#expect(prefix, until)
    this.#wakeAt(until)
  }

  /** Cuts a long hold short: the publisher is about to end. */
  hurry(): void {
    if (this.#state !== 'holding') return
    this.#holdUntil = Math.min(this.#holdUntil, performance.now() + HOLD_MS.closed)
    this.#wakeAt(this.#holdUntil)
  }

  close(): void {
    this.#sleep()
    this.#state = 'away'
  }

  #expectAll(until: number): void {
    for (const place of this.#expected.places()) this.#expected.replace(place, until)
  }

  #expect(prefix: Buffer, until: number): void {
    if (!isTopicLength(prefix)) return
    if (this.#expected.size >= MAX_EXPECTED && !this.#expected.has(prefix)) return
    this.#expected.set(prefix, until)
    this.version += 1
  }

  /** Moves on to what holds by now. */
  #advance(): void {
    const now = performance.now()
    if (this.#state === 'holding' && now >= this.#holdUntil) this.#state = 'settling'
    if (this.#state === 'settling' && now >= this.#settleAt) this.#state = 'settled'
    for (const place of this.#expected.places()) {
      if ((this.#expected.get(place) ?? 0) <= now) this.#expected.remove(place)
    }
    this.version += 1
    this.#schedule()
  }

  #schedule(): void {
    if (this.#state === 'holding') this.#wakeAt(this.#holdUntil)
    if (this.#state !== 'settled') this.#wakeAt(this.#settleAt)
    let first = Number.POSITIVE_INFINITY
    for (const place of this.#expected.places()) first = Math.min(first, this.#expected.get(place) ?? first)
    this.#wakeAt(first)
  }

  #wakeAt(time: number): void {
    if (time >= this.#wakesAt) return
    this.#wakesAt = time
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#wakesAt = Number.POSITIVE_INFINITY
        this.#advance()
        this.#onChange()
      },
      Math.max(0, time - performance.now()),
    )
  }

  #sleep(): void {
    clearTimeout(this.#timer)
    this.#wakesAt = Number.POSITIVE_INFINITY
  }
}
