import { isTopicLength } from './limits.ts'
import { PrefixTree } from './prefix-tree.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Time for subscriptions to arrive after the first connection, before a topic counts as unheard, in ms. */
const SETTLE_MS = 500
/** The same time after the proxy was away: new subscribers have to find it too. */
const RETURN_MS = 2_500
/**
 * Time for which nothing is sent after the proxy was away, in ms. A subscription to a topic shows only that the first of its
 * subscribers is back, not all. A subscriber tries to connect every 250 ms at first, and every second after a minute; if the
 * network was cut off, an attempt under way takes up to 2 s more (see connector.ts).
 */
const HOLD_MS = { closed: 500, long: 1_500, silent: 3_000 } as const
/** An absence after which subscribers try less often, in ms. */
const LONG_ABSENCE_MS = 60_000
/** Time for which messages wait after an outage for a subscriber from before it, in ms. */
const EXPECT_MS = 30_000
/** Time for which a topic is held back after its last unsubscription, in ms: perhaps a connection broke. */
const UNSUBSCRIBED_MS = 50
/** Time after a silence of the connection in which an unsubscription may mean that the subscriber was cut off too, in ms. */
const SHAKEN_MS = 5_000
/** Most subscriptions that are expected back; messages don't wait for further ones. */
const MAX_EXPECTED = 65_536

/**
 * Tells a publisher whether its picture of the subscriptions is complete: whether it may send yet, and whether a topic without a
 * subscriber is unheard or may still get one.
 */
export class SubscriptionSync {
  readonly #subscriptions: Subscriptions
  readonly #onChange: () => void
  /** Prefixes that had subscribers before, with the time until which they are expected back, on the monotonic clock in ms. */
  readonly #expected = new PrefixTree<number>()
  #state: 'away' | 'holding' | 'settling' | 'settled' = 'away'
  #awaySince: number | undefined
  #holdUntil = 0
  #settleAt = 0
  #shakenUntil = 0
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  /** Grows with every change of an answer. */
  version = 0

  /** @param onChange called when time alone has changed an answer */
  constructor(subscriptions: Subscriptions, onChange: () => void) {
    this.#subscriptions = subscriptions
    this.#onChange = onChange
  }

  /** Whether sending has to wait, even to present subscribers. */
  get holds(): boolean {
    return this.#state === 'away' || this.#state === 'holding'
  }

  /** Whether a topic without a subscriber may still get one. */
  expects(topic: Buffer): boolean {
    return this.#state !== 'settled' || this.#expected.some(topic, () => true)
  }

  /**
   * Takes note that the proxy is connected.
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
   * Takes note that the proxy is not there, or no longer.
   * @param wasConnected whether a connection was lost
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
   * Takes note that the connection has survived an outage of some seconds. The proxy may have cut off subscribers meanwhile, which
   * are about to come back.
   */
  revived(): void {
    this.#shakenUntil = performance.now() + SHAKEN_MS
  }

  /** Takes note that a prefix has a subscriber. */
  subscribed(prefix: Buffer): void {
    if (this.#expected.delete(prefix)) this.version += 1
  }

  /** Takes note that a prefix has lost its last subscriber. */
  unsubscribed(prefix: Buffer): void {
    if (this.#state === 'away') return
    const now = performance.now()
    const until = now + (now < this.#shakenUntil ? EXPECT_MS : UNSUBSCRIBED_MS)
    this.#expect(prefix, until)
    this.#wakeAt(until)
  }

  /** Cuts a long hold short, as the publisher is about to end. */
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

  /** Brings the state up to the present time. */
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
