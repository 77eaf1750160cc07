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

/** A receiver's account over a broker without accounts: from announcements alone. */
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

/** A publisher as a receiver sees it: its messages and announcements in order, some of both lost on the way. */
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

/** The next sender, and the length of its run: losses come in runs. */
const steps = fc.array(
  fc.record({
    who: fc.nat(2),
    messages: fc.integer({ min: 1, max: 700 }),
    arrive: fc.boolean(),
    announce: fc.boolean(),
  }),
  { maxLength: 40 },
)

test('with several publishers the loss is never overstated, and is exact after their last announcements', () => {
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

test('with lost announcements the loss is never overstated, and is exact or not claimed', () => {
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

test('each change is the amount for the ledger to add, and the changes sum up to the loss', () => {
  const account = new Account()
  account.announce({ publisher: 'a', sent: 0 })
  account.received = 7
  assert.equal(account.announce({ publisher: 'a', sent: 10 }), 3)
  assert.equal(account.announce({ publisher: 'a', sent: 10 }), 0)
  assert.equal(account.announce({ publisher: 'a', sent: 12 }), 2)
  assert.equal(account.lost, 5)
})

test('without statements and announcements the state is unknown, and no loss is claimed', () => {
  const account = new Account()
  account.received = 100
  assert.deepEqual(account.toJSON(), { state: 'unknown', publishers: 0, announced: 0, lost: 0 })
})

test('a late receiver accounts from the first announcement on', () => {
  const account = new Account()
  account.received = 40
  account.announce({ publisher: 'a', sent: 1_000 })
  account.received += 90
  account.announce({ publisher: 'a', sent: 1_100 })
  assert.deepEqual(account.toJSON(), { state: 'accounted', publishers: 1, announced: 100, lost: 10 })
})

test('a late receiver of several publishers never overstates the loss', () => {
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

test('a restarted publisher is another one: losses before and after are counted', () => {
  const account = new Account()
  const before = new SimulatedPublisher('a', account)
  for (let i = 0; i < 100; i++) before.send(i >= 10)
  before.announce()
  const again = new SimulatedPublisher('b', account)
  for (let i = 0; i < 100; i++) again.send(i >= 5)
  again.announce()
  assert.deepEqual(account.toJSON(), { state: 'lower bound', publishers: 2, announced: 200, lost: 15 })
})

test('messages of a killed publisher after its last announcement hide later losses: a lower bound', () => {
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

test('announcements out of order or repeated change nothing', () => {
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

test('a topic unsubscribed for a time is a lower bound, and an announcement from before adds nothing', () => {
  const topic = new TopicAccount()
  const say = (publisher: string, sent: number) => topic.take({ type: 'announcement', publisher, sent })
  say('a', 0)
  topic.received = 8
  assert.equal(say('a', 10), 2)
  say('b', 0)
  topic.interrupt()
  // It may have been on its way when the subscription ended: then the messages up to 500 were not subscribed.
  assert.equal(say('a', 11), 0)
  assert.equal(say('a', 500), 0)
  assert.deepEqual(topic.toJSON(), { state: 'lower bound', publishers: 0, announced: 10, lost: 2 })
})

test('a topic unsubscribed before its first message is a lower bound when it is subscribed again', () => {
  const topic = new TopicAccount(true)
  topic.take({ type: 'announcement', publisher: 'a', sent: 0 })
  assert.equal(topic.toJSON().state, 'lower bound')
})

/** A statement of an account without publishers. */
function stated(account: string, due: number, opening: boolean, silent = false) {
  return { type: 'statement', account, due, opening, silent, isControlled: false, positions: [] } as const
}

test('a publisher that one account never named stays unnamed in the next: a lower bound for good', () => {
  const topic = new TopicAccount()
  topic.take(stated('a', 0, true))
  topic.take(stated('a', 0, false, true))
  topic.take(stated('a', 0, false))
  assert.equal(topic.toJSON().state, 'accounted')
  topic.take(stated('a', 0, false, true))
  topic.take(stated('b', 0, true))
  assert.equal(topic.toJSON().state, 'lower bound')
})

test('after an interruption openings from before and after begin anew, and no loss is claimed between them', () => {
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
