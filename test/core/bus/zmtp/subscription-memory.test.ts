// The memory that subscriptions take in a proxy, all in, and whether it comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { makeLimits } from '../../../../src/core/bus/limits.ts'
import { AskersByPrefix } from '../../../../src/core/bus/zmtp/askers-by-prefix.ts'
import { SubscriberPrefixes } from '../../../../src/core/bus/zmtp/subscriber-prefixes.ts'
import { SubscriptionFeed } from '../../../../src/core/bus/zmtp/subscription-feed.ts'

const SUBSCRIBERS = 20
const EACH = 10_000
/** Bytes that compiled code and the like may take meanwhile: 3 for each prefix. */
const SLACK = 3 * SUBSCRIBERS * EACH

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function held(): number {
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** The subscriptions of a proxy. */
class Bus {
  readonly #feed = new SubscriptionFeed(SUBSCRIBERS * EACH)
  readonly #subscribers: SubscriberPrefixes<object>[]

  constructor() {
    const limits = makeLimits({ 'all-subscriptions': SUBSCRIBERS * EACH })
    const askers = new AskersByPrefix<object>()
    this.#subscribers = Array.from({ length: SUBSCRIBERS }, () => new SubscriberPrefixes(askers, limits))
  }

  fill(): void {
    for (const [number, one] of this.#subscribers.entries())
      for (let i = 0; i < EACH; i++) {
        const prefix = Buffer.from(`sat${number}.housekeeping.apid.${i}`)
        assert(one.add(prefix, one))
        this.#feed.change({ prefix, subscribe: true })
      }
  }

  /** @param from the first subscriber that leaves */
  empty(from = 0): void {
    for (const one of this.#subscribers.slice(from))
      for (const prefix of one.clear(one)) this.#feed.change({ prefix, subscribe: false })
  }
}

test('a prefix takes less than 200 bytes, and the memory of those that are gone comes back', () => {
  // Code is compiled with another one, so that it does not count.
  const warm = new Bus()
  warm.fill()
  warm.empty()
  const bus = new Bus()
  const before = held()
  bus.fill()
  const each = (held() - before) / (SUBSCRIBERS * EACH)
  // With less than its own bytes it would not be there at all.
  assert(each > 30 && each < 200, `${each} bytes for each prefix`)
  bus.empty(1)
  const ofOne = (held() - before) / EACH
  assert(ofOne < 250, `${ofOne} bytes for each prefix of one subscriber that is left`)
  bus.empty()
  const left = held() - before
  assert(left < SLACK, `${left} bytes are left`)
  // Neither is collected before it is measured.
  assert(warm !== bus)
})
