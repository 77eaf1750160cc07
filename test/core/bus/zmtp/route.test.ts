// Routes of topics, while subscribers come, go, and change what they ask for: held against plain lists of prefixes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ANNOUNCEMENT_PREFIX, RESERVED_PREFIX } from '../../../../src/core/bus/announcement.ts'
import { makeLimits } from '../../../../src/core/bus/limits.ts'
import { MessageView } from '../../../../src/core/bus/message-view.ts'
import { AskersByPrefix } from '../../../../src/core/bus/zmtp/askers-by-prefix.ts'
import type { Connection } from '../../../../src/core/bus/zmtp/connection.ts'
import { QueueRoom } from '../../../../src/core/bus/zmtp/queue-room.ts'
import { type Asker, type Askers, ZmtpRoute } from '../../../../src/core/bus/zmtp/route.ts'
import { SubscriberPrefixes } from '../../../../src/core/bus/zmtp/subscriber-prefixes.ts'
import { SubscriberQueues } from '../../../../src/core/bus/zmtp/subscriber-queues.ts'
import type { Writer } from '../../../../src/core/bus/zmtp/writer.ts'

/** A subscriber, the prefixes that it should have, and what it is sent. */
class Subscriber implements Asker {
  readonly peer = ''
  readonly connection = {} as Connection
  readonly prefixes: SubscriberPrefixes<Asker>
  readonly asked = new Set<string>()
  sent: string[] = []
  readonly writer = {
    bytes: 0,
    messages: 0,
    isClosed: false,
    message: (topic: Buffer) => this.sent.push(topic.toString('latin1')),
    statement: (topic: Buffer) => this.sent.push(topic.toString('latin1')),
  } as unknown as Writer

  constructor(bus: Bus) {
    this.prefixes = new SubscriberPrefixes(bus.byPrefix, bus.limits)
  }

  onDropped(): void {
    this.prefixes.epoch += 1
  }

  wants(topic: string): boolean {
    return [...this.asked].some(prefix => topic.startsWith(prefix))
  }

  follows(topic: string): boolean {
    const statement = ANNOUNCEMENT_PREFIX + topic
    return (
      this.wants(topic) &&
      [...this.asked].some(prefix => prefix.startsWith(RESERVED_PREFIX) && statement.startsWith(prefix))
    )
  }
}

class Bus implements Askers {
  readonly limits = makeLimits()
  readonly byPrefix = new AskersByPrefix<Asker>()
  readonly queues = new SubscriberQueues(this.limits, () => this.subscribers)
  readonly queueRoom = new QueueRoom(this.limits, () => 4)
  readonly subscribers = Array.from({ length: 4 }, () => new Subscriber(this))
  readonly union = new Set<string>()
  drops = 0

  get version(): number {
    return this.byPrefix.version + this.drops
  }

  change(subscriber: Subscriber, prefix: string, subscribe: boolean): void {
    const { prefixes, asked } = subscriber
    const before = this.isAsked(prefix)
    if (subscribe) asked.add(prefix)
    else asked.delete(prefix)
    const bytes = Buffer.from(prefix, 'latin1')
    const isNews = subscribe ? prefixes.add(bytes, subscriber) : prefixes.delete(bytes, subscriber)
    assert.equal(isNews, before !== this.isAsked(prefix))
  }

  leave(subscriber: Subscriber): void {
    const before = [...subscriber.asked]
    subscriber.asked.clear()
    const last = subscriber.prefixes.clear(subscriber).map(prefix => prefix.toString('latin1'))
    assert.deepEqual(last.sort(), before.filter(prefix => !this.isAsked(prefix)).sort())
  }

  isAsked(prefix: string): boolean {
    return this.subscribers.some(({ asked }) => asked.has(prefix))
  }
}

const TOPICS = ['sat1.a', 'sat1.b', 'sat1.a.x', 'sat2', 'a', '\xff\xfe', 'x'.repeat(1_024)]
const PREFIXES = ['', 's', 'sat1.', 'sat1.a', 'sat1.b', 'sat2', 'sat22', 'a', '\xff', 'x'.repeat(1_024)]
const RESERVED = ['__groundwire__/', ANNOUNCEMENT_PREFIX, `${ANNOUNCEMENT_PREFIX}sat1.`, '__ground']
const prefix = fc.constantFrom(...PREFIXES, ...RESERVED, ...TOPICS.map(topic => ANNOUNCEMENT_PREFIX + topic))
const by = fc.nat(3)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ by, prefix, subscribe: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ topic: fc.constantFrom(...TOPICS) }) },
  { weight: 1, arbitrary: fc.record({ leaves: by }) },
  { weight: 1, arbitrary: fc.record({ drops: by }) },
)

test('a message goes to each who asks for its topic, once, and a statement to each who follows it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const bus = new Bus()
      const routes = new Map(TOPICS.map(topic => [topic, new ZmtpRoute(bus, Buffer.from(topic, 'latin1'))]))
      for (const at of steps) {
        if ('topic' in at) checkTopic(bus, at.topic, routes.get(at.topic))
        else if ('leaves' in at) bus.leave(bus.subscribers[at.leaves] as Subscriber)
        else if ('drops' in at) {
          bus.subscribers[at.drops]?.onDropped()
          bus.drops += 1
        } else bus.change(bus.subscribers[at.by] as Subscriber, at.prefix, at.subscribe)
      }
      for (const [topic, route] of routes) checkTopic(bus, topic, route)
      for (const subscriber of bus.subscribers) bus.leave(subscriber)
      assert.equal(bus.byPrefix.size, 0)
      assert.deepEqual([bus.limits['all-subscriptions'].now, bus.limits['all-prefixes'].now], [0, 0])
    }),
    { numRuns: 500 },
  )
})

function checkTopic({ subscribers }: Bus, topic: string, route: ZmtpRoute | undefined): void {
  assert(route)
  const asking = subscribers.map(one => one.wants(topic))
  assert.equal(
    route.send(MessageView.of(Buffer.from(topic, 'latin1'), Buffer.from('payload'))),
    asking.includes(true) ? 'sent' : 'unheard',
  )
  assert.deepEqual(takeSent(subscribers, topic), asking)
  const following = subscribers.map(one => one.follows(topic))
  assert.equal(route.any, following.includes(true))
  route.open(Buffer.from('opening'), Buffer.from('gap'))
  assert.equal(route.hasNew, false)
  takeSent(subscribers, ANNOUNCEMENT_PREFIX + topic)
  route.tell(Buffer.from('statement'))
  assert.deepEqual(takeSent(subscribers, ANNOUNCEMENT_PREFIX + topic), following)
}

/** Whether each was sent something of a topic, and nothing else, and not more than once. */
function takeSent(subscribers: readonly Subscriber[], topic: string): boolean[] {
  return subscribers.map(one => {
    const { sent } = one
    one.sent = []
    assert.deepEqual(sent, sent.length > 0 ? [topic] : [])
    return sent.length > 0
  })
}

test('a subscriber that begins to follow a topic, or whose queue was dropped, has its account opened', () => {
  const bus = new Bus()
  const [one, other] = bus.subscribers as [Subscriber, Subscriber]
  const route = new ZmtpRoute(bus, Buffer.from('telem'))
  bus.change(one, 'telem', true)
  assert.equal(route.any, false)
  bus.change(one, `${ANNOUNCEMENT_PREFIX}telem`, true)
  assert.deepEqual([route.any, route.hasNew], [true, true])
  route.open(Buffer.from('opening'), Buffer.from('gap'))
  assert.equal(route.hasNew, false)
  // Another's topic is nothing new to this one.
  bus.change(other, `${ANNOUNCEMENT_PREFIX}other`, true)
  assert.equal(route.hasNew, false)
  one.onDropped()
  bus.drops += 1
  assert.equal(route.hasNew, true)
  one.sent = []
  route.open(Buffer.from('opening'), Buffer.from('gap'))
  assert.deepEqual(one.sent, [`${ANNOUNCEMENT_PREFIX}telem`])
})

test('the state of a topic is another one after a change of one of its prefixes, and after no other change', () => {
  const byPrefix = new AskersByPrefix<object>()
  const [one, other] = [{}, {}]
  const topic = Buffer.from('sat1.a')
  const states = new Set<number>()
  const isNew = () => {
    const { size } = states.add(byPrefix.stateOf(topic))
    return size === ++seen
  }
  let seen = 0
  assert(isNew())
  const place = byPrefix.add(Buffer.from('sat1.'), one)
  assert(isNew())
  byPrefix.add(Buffer.from('sat1.'), other)
  assert(isNew())
  byPrefix.remove(place, one)
  assert(isNew())
  const everything = byPrefix.add(Buffer.alloc(0), one)
  assert(isNew())
  const now = byPrefix.stateOf(topic)
  for (const unrelated of ['sat1.a.b', 'sat2', 'sat1.b'])
    byPrefix.remove(byPrefix.add(Buffer.from(unrelated), one), one)
  byPrefix.add(Buffer.from('sat1.c'), one)
  assert.equal(byPrefix.stateOf(topic), now)
  byPrefix.remove(place, other)
  assert(isNew())
  byPrefix.add(Buffer.from('sat1.'), one)
  assert(isNew())
  byPrefix.remove(everything, one)
  assert(isNew())
})
