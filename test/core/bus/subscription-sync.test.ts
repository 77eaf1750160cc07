import assert from 'node:assert/strict'
import { beforeEach, mock, test, type TestContext } from 'node:test'
import { SubscriptionSync } from '../../../src/core/bus/subscription-sync.ts'
import { Subscriptions } from '../../../src/core/bus/subscriptions.ts'

/** A clock that the test advances. */
class Clock {
  #now = 0

  constructor(t: TestContext) {
    mock.timers.enable({ apis: ['setTimeout'] })
    mock.method(performance, 'now', () => this.#now)
    t.after(() => {
      mock.timers.reset()
      mock.restoreAll()
    })
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i += 10) {
      this.#now += 10
      mock.timers.tick(10)
    }
  }
}

function setUp(t: TestContext) {
  const clock = new Clock(t)
  const subscriptions = new Subscriptions()
  let changes = 0
  const sync = new SubscriptionSync(subscriptions, () => {
    changes += 1
  })
  t.after(() => sync.close())
  const subscribe = (prefix: string, subscribe = true) => {
    const bytes = Buffer.from(prefix)
    subscriptions.apply({ prefix: bytes, subscribe })
    if (subscribe) sync.subscribed(bytes)
    else sync.unsubscribed(bytes)
  }
  return { clock, sync, subscribe, changes: () => changes }
}

beforeEach(() => mock.restoreAll())

test('after a first connection sending starts at once, and a topic without a subscriber within half a second is unheard', t => {
  const { clock, sync, changes } = setUp(t)
  assert.equal(sync.holds, true)
  sync.connected(false)
  assert.equal(sync.holds, false)
  assert.equal(sync.expects(Buffer.from('telem')), true)
  clock.pass(490)
  assert.equal(sync.expects(Buffer.from('telem')), true)
  clock.pass(20)
  assert.equal(sync.expects(Buffer.from('telem')), false)
  assert.equal(changes(), 1)
})

for (const [outage, { awayMs, afterSilence, holdMs }] of Object.entries({
  'the proxy was closed': { awayMs: 3_000, afterSilence: false, holdMs: 500 },
  'the proxy was closed for long': { awayMs: 100_000, afterSilence: false, holdMs: 1_500 },
  'nothing answered': { awayMs: 40_000, afterSilence: true, holdMs: 3_000 },
})) {
  test(`if ${outage}, everything is held until every subscriber has had time to come back`, t => {
    const { clock, sync, subscribe } = setUp(t)
    sync.connected(false)
    subscribe('telem')
    sync.away(true)
    clock.pass(awayMs)
    sync.connected(afterSilence)
    subscribe('telem')
    clock.pass(holdMs - 20)
    assert.equal(sync.holds, true)
    clock.pass(40)
    assert.equal(sync.holds, false)
  })
}

test('a topic with a subscriber before an outage is expected for 30 s after it, and any other for 2.5 s', t => {
  const { clock, sync, subscribe } = setUp(t)
  sync.connected(false)
  subscribe('tele')
  clock.pass(1_000)
  sync.away(true)
  clock.pass(40_000)
  subscribe('tele', false)
  sync.connected(false)
  clock.pass(2_480)
  assert.deepEqual([sync.expects(Buffer.from('telem')), sync.expects(Buffer.from('other'))], [true, true])
  clock.pass(40)
  assert.deepEqual([sync.expects(Buffer.from('telem')), sync.expects(Buffer.from('other'))], [true, false])
  clock.pass(27_400)
  assert.equal(sync.expects(Buffer.from('telem')), true)
  clock.pass(200)
  assert.equal(sync.expects(Buffer.from('telem')), false)
})

test('a topic that loses its last subscriber is expected for a moment: perhaps a connection broke', t => {
  const { clock, sync, subscribe } = setUp(t)
  sync.connected(false)
  subscribe('telem')
  clock.pass(1_000)
  const before = sync.version
  subscribe('telem', false)
  assert.equal(sync.expects(Buffer.from('telem')), true)
  assert.notEqual(sync.version, before)
  clock.pass(60)
  assert.equal(sync.expects(Buffer.from('telem')), false)
})

test('a topic that loses its subscriber as the network returns is expected for 30 s: the subscriber was cut off too', t => {
  const { clock, sync, subscribe } = setUp(t)
  sync.connected(false)
  subscribe('telem')
  clock.pass(1_000)
  sync.revived()
  clock.pass(4_000)
  subscribe('telem', false)
  clock.pass(29_900)
  assert.equal(sync.expects(Buffer.from('telem')), true)
  clock.pass(200)
  assert.equal(sync.expects(Buffer.from('telem')), false)
  subscribe('telem')
  subscribe('telem', false)
  clock.pass(60)
  assert.equal(sync.expects(Buffer.from('telem')), false)
})

test('a publisher that is about to end holds for half a second at most', t => {
  const { clock, sync } = setUp(t)
  sync.connected(false)
  sync.away(true)
  sync.connected(true)
  sync.hurry()
  clock.pass(520)
  assert.equal(sync.holds, false)
})
