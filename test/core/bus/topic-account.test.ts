import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  ANNOUNCEMENT_INTERVAL,
  decodeCounts,
  UNCOUNTED_STATEMENT,
} from '../../../src/core/bus/announcement.ts'
import type { Announcement } from '../../../src/core/bus/announcement.ts'
import { TopicAccount } from '../../../src/core/bus/topic-account.ts'
import { runs } from '../../helpers/property.ts'

/** A receiver's account over a broker that keeps none: by the announcements alone. */
class Account {
  readonly #account = new TopicAccount()
  received = 0

  announce(announcement: Omit<Announcement, 'type'>): number {
    this.#account.received = this.received
    return this.#account.take({ type: 'announcement', ...announcement })
  }

  get lost(): number {
    return this.toJSON().lost
  }

  toJSON() {
    return this.#account.toJSON()
  }
}

/** A publisher as a receiver meets it: its messages and announcements in order, some of both lost on the way. */
class SimulatedPublisher {
  readonly id: string
  readonly #account: Account
  sent = 0
  lost = 0
  #announced = 0

  readonly #losesAnnouncements: boolean

  constructor(id: string, account: Account, { sentBefore = 0, losesAnnouncements = false } = {}) {
    this.id = id
    this.#account = account
    this.#losesAnnouncements = losesAnnouncements
    this.sent = sentBefore
    this.announce()
  }

  send(arrives: boolean): void {
    this.sent += 1
    if (arrives) this.#account.received += 1
    else this.lost += 1
    if (this.sent - this.#announced >= ANNOUNCEMENT_INTERVAL)
      this.announce(arrives || !this.#losesAnnouncements)
  }

  announce(arrives = true): void {
    this.#announced = this.sent
    if (arrives) this.#account.announce({ publisher: this.id, sent: this.sent })
  }
}

/** The next sender. Senders come in runs, as losses do. */
const steps = fc.array(
  fc.record({
    who: fc.nat(2),
    messages: fc.integer({ min: 1, max: 700 }),
    arrive: fc.boolean(),
    announce: fc.boolean(),
  }),
  { maxLength: 40 },
)

test('with several publishers the loss is never overstated, and is exact once all have said their last', () => {
  fc.assert(
    fc.property(steps, steps => {
      const account = new Account()
      const publishers = ['a', 'b', 'c'].map(id => new SimulatedPublisher(id, account))
      const lost = () => publishers.reduce((sum, publisher) => sum + publisher.lost, 0)
      for (const { who, messages, arrive, announce } of steps) {
        const publisher = publishers[who]
        for (let i = 0; i < messages; i++) publisher?.send(arrive)
        if (announce) publisher?.announce()
        assert(account.lost <= lost(), `${account.lost} claimed, ${lost()} lost`)
      }
      for (const publisher of publishers) publisher.announce()
      assert.equal(account.lost, lost())
      assert.equal(account.toJSON().state, 'lower bound')
    }),
    runs(300),
  )
})

test('announcements that are lost too leave the loss never overstated, and exact or not claimed', () => {
  fc.assert(
    fc.property(steps, steps => {
      const account = new Account()
      const publishers = ['a', 'b', 'c'].map(
        id => new SimulatedPublisher(id, account, { losesAnnouncements: true }),
      )
      const lost = () => publishers.reduce((sum, publisher) => sum + publisher.lost, 0)
      for (const { who, messages, arrive, announce } of steps) {
        const publisher = publishers[who]
        for (let i = 0; i < messages; i++) publisher?.send(arrive)
        if (announce) publisher?.announce(arrive)
        assert(account.lost <= lost(), `${account.lost} claimed, ${lost()} lost`)
      }
      for (const publisher of publishers) publisher.announce()
      if (account.toJSON().state === 'accounted') assert.equal(account.lost, lost())
    }),
    runs(300),
  )
})

test('a change is what the ledger has to add, so that the changes sum up to the loss', () => {
  const account = new Account()
  account.announce({ publisher: 'a', sent: 0 })
  account.received = 7
  assert.equal(account.announce({ publisher: 'a', sent: 10 }), 3)
  assert.equal(account.announce({ publisher: 'a', sent: 10 }), 0)
  assert.equal(account.announce({ publisher: 'a', sent: 12 }), 2)
  assert.equal(account.lost, 5)
})

test('nobody has said anything: unknown, and nothing is claimed', () => {
  const account = new Account()
  account.received = 100
  assert.deepEqual(account.toJSON(), { state: 'unknown', publishers: 0, announced: 0, lost: 0 })
})

test('a receiver that comes late accounts from the first announcement on', () => {
  const account = new Account()
  account.received = 40
  account.announce({ publisher: 'a', sent: 1_000 })
  account.received += 90
  account.announce({ publisher: 'a', sent: 1_100 })
  assert.deepEqual(account.toJSON(), { state: 'accounted', publishers: 1, announced: 100, lost: 10 })
})

test('a receiver that comes late to several publishers never overstates the loss', () => {
  fc.assert(
    fc.property(fc.nat(511), fc.nat(511), fc.nat(600), (between, after, lost) => {
      const account = new Account()
      const a = new SimulatedPublisher('a', account, { sentBefore: 5_000 })
      account.received += between
      const b = new SimulatedPublisher('b', account, { sentBefore: 7_000 })
      for (let i = 0; i < after; i++) a.send(true)
      for (let i = 0; i < lost; i++) b.send(false)
      a.announce()
      b.announce()
      assert(account.lost <= lost)
      assert.equal(account.toJSON().state, 'lower bound')
    }),
  )
})

test('a publisher that restarts is another one: what was lost before and after is counted', () => {
  const account = new Account()
  const before = new SimulatedPublisher('a', account)
  for (let i = 0; i < 100; i++) before.send(i >= 10)
  before.announce()
  const again = new SimulatedPublisher('b', account)
  for (let i = 0; i < 100; i++) again.send(i >= 5)
  again.announce()
  assert.deepEqual(account.toJSON(), { state: 'lower bound', publishers: 2, announced: 200, lost: 15 })
})

test('what a publisher sent after its last word, before it was killed, hides later losses: a lower bound', () => {
  const account = new Account()
  const killed = new SimulatedPublisher('a', account)
  for (let i = 0; i < 200; i++) killed.send(true)
  const again = new SimulatedPublisher('b', account)
  for (let i = 0; i < 300; i++) again.send(i >= 250)
  again.announce()
  assert.deepEqual(account.toJSON(), { state: 'lower bound', publishers: 2, announced: 300, lost: 50 })
})

test('a publisher that does not announce makes the topic not accounted, and no claim is taken back', () => {
  const account = new Account()
  account.announce({ publisher: 'a', sent: 0 })
  account.received = 90
  assert.equal(account.announce({ publisher: 'a', sent: 100 }), 10)
  account.received += 100 + 1
  assert.equal(account.announce({ publisher: 'a', sent: 200 }), 0)
  assert.deepEqual(account.toJSON(), { state: 'not accounted', publishers: 1, announced: 200, lost: 10 })
  account.received += 50
  assert.equal(account.announce({ publisher: 'a', sent: 300 }), 49)
  assert.deepEqual(account.toJSON(), { state: 'not accounted', publishers: 1, announced: 300, lost: 59 })
})

test('announcements that come out of order or twice change nothing', () => {
  const account = new Account()
  account.announce({ publisher: 'a', sent: 0 })
  account.received = 10
  account.announce({ publisher: 'a', sent: 10 })
  account.announce({ publisher: 'a', sent: 4 })
  assert.equal(account.toJSON().announced, 10)
  assert.equal(account.lost, 0)
})

test('a thousand one-off publishers leave a lower bound that is exact', () => {
  const account = new Account()
  for (let i = 0; i < 1_000; i++) {
    account.announce({ publisher: `p${i}`, sent: 0 })
    if (i % 100 !== 0) account.received += 1
    account.announce({ publisher: `p${i}`, sent: 1 })
  }
  assert.equal(account.lost, 10)
  assert.equal(account.toJSON().state, 'lower bound')
})

test('a topic that is not asked for at times is a lower bound, and an announcement from before adds nothing', () => {
  const topic = new TopicAccount()
  const say = (publisher: string, sent: number) => topic.take({ type: 'announcement', publisher, sent })
  say('a', 0)
  topic.received = 8
  assert.equal(say('a', 10), 2)
  say('b', 0)
  topic.interrupt()
  // Perhaps it was on its way when the topic was not asked for any more: then those up to 500 were not asked for.
  assert.equal(say('a', 11), 0)
  assert.equal(say('a', 500), 0)
  assert.deepEqual(topic.toJSON(), { state: 'lower bound', publishers: 0, announced: 10, lost: 2 })
})

test('a topic that was taken back before anything came of it is a lower bound when it is asked for again', () => {
  const topic = new TopicAccount(true)
  topic.take({ type: 'announcement', publisher: 'a', sent: 0 })
  assert.equal(topic.toJSON().state, 'lower bound')
})

/** A statement of an account without publishers. */
function stated(account: string, due: number, opening: boolean, silent = false) {
  return { type: 'statement', account, due, opening, silent, positions: [] } as const
}

test('a publisher that an account never named is not named by the next one: a lower bound for good', () => {
  const topic = new TopicAccount()
  topic.take(stated('a', 0, true))
  topic.take(stated('a', 0, false, true))
  topic.take(stated('a', 0, false))
  assert.equal(topic.toJSON().state, 'accounted')
  topic.take(stated('a', 0, false, true))
  topic.take(stated('b', 0, true))
  assert.equal(topic.toJSON().state, 'lower bound')
})

test('after an interruption an opening from before and one from after begin anew, and nothing is claimed between them', () => {
  const topic = new TopicAccount()
  topic.take(stated('a', 0, true))
  topic.received = 3
  assert.equal(topic.take(stated('a', 5, false)), 2)
  topic.interrupt()
  assert.equal(topic.take(stated('a', 9, false)), 0)
  assert.equal(topic.take(stated('a', 20, true)), 0)
  assert.equal(topic.take(stated('a', 1_000, true)), 0)
  assert.equal(topic.take(stated('b', 2_000, true)), 0)
  topic.received += 4
  assert.equal(topic.take(stated('b', 2_005, false)), 1)
  assert.deepEqual(topic.toJSON(), { state: 'lower bound', publishers: 0, announced: 10, lost: 3 })
})

test('a statement whose opening was dropped on the way leaves a lower bound, and so do messages that nobody counts', () => {
  const dropped = new TopicAccount()
  dropped.take(stated('a', 7, false))
  dropped.take(stated('a', 7, true))
  assert.equal(dropped.toJSON().state, 'lower bound')
  const uncounted = new TopicAccount()
  const counts = decodeCounts(UNCOUNTED_STATEMENT)
  assert(counts?.type === 'statement')
  uncounted.take(counts)
  assert.equal(uncounted.toJSON().state, 'lower bound')
  uncounted.take(stated('a', 0, true))
  assert.equal(uncounted.toJSON().state, 'lower bound')
})
