// A bus in memory: publishers, proxies that are restarted, subscribers that come and go, and losses on each hop. It holds the accounts
// that proxy and receivers keep against what was really lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeCounts, encodeAnnouncement, newId } from '../../../src/core/bus/announcement.ts'
import type { Followers } from '../../../src/core/bus/carrier.ts'
import { ForwardedTopic } from '../../../src/core/bus/forwarded-topic.ts'
import { TopicAccount } from '../../../src/core/bus/topic-account.ts'
import { runs } from '../../helpers/property.ts'

class Receiver {
  readonly account = new TopicAccount()
  /** Messages that are lost to it since its account began, by what the world knows. */
  missed = 0
  /** Messages that were sent over a broken connection before it came, where the proxy noticed that only afterwards. */
  arguable = 0
  claimed = 0
  hasBegun = false
  isOpened = false

  take(statement: Buffer): void {
    this.hasBegun = true
    const counts = decodeCounts(statement)
    assert(counts?.type === 'statement')
    this.claimed += this.account.take(counts)
  }
}

/** One proxy, and the subscribers that are connected to it. */
class Proxy {
  readonly receivers = new Set<Receiver>()
  readonly topic: ForwardedTopic
  /** The receivers that miss what is sent now. */
  full: ReadonlySet<Receiver> = new Set()

  constructor() {
    const news = () => [...this.receivers].filter(({ isOpened }) => !isOpened)
    const { receivers } = this
    const followers: Followers = {
      get any() {
        return receivers.size > 0
      },
      get hasNew() {
        return news().length > 0
      },
      open: statement => {
        for (const receiver of news()) {
          receiver.isOpened = true
          receiver.take(statement)
        }
      },
      tell: statement => {
        for (const receiver of receivers)
          if (receiver.isOpened && !this.full.has(receiver)) receiver.take(statement)
      },
    }
    this.topic = new ForwardedTopic(
      'telem',
      { messages: 0, bytes: 0 },
      {
        followers,
        send: () => {
          for (const receiver of receivers) {
            if (this.full.has(receiver)) receiver.missed += 1
            else receiver.account.received += 1
          }
          return 'sent'
        },
      },
    )
  }
}

class Publisher {
  readonly id = newId()
  sent = 0
  link: object | undefined
  #hasAnnounced = false

  connect(): void {
    this.link = {}
    this.#hasAnnounced = false
  }

  announce(proxy: Proxy): void {
    const counts = decodeCounts(encodeAnnouncement(this.id, this.sent))
    assert(counts?.type === 'announcement' && this.link !== undefined)
    this.#hasAnnounced = true
    proxy.topic.announce(this.link, counts)
  }

  /** Sends as a publisher does: only while somebody asks, and its count first where that has not been told. */
  send(proxy: Proxy, messages: number): void {
    if (proxy.receivers.size === 0) {
      this.#hasAnnounced = false
      return
    }
    for (let i = 0; i < messages; i++) {
      if (!this.#hasAnnounced) this.announce(proxy)
      this.sent += 1
      if (this.link !== undefined) proxy.topic.forward(Buffer.alloc(0), this.link)
    }
  }
}

class World {
  proxy = new Proxy()
  readonly publishers: Publisher[]
  readonly receivers = [new Receiver(), new Receiver(), new Receiver()]
  /** Connections that are over without the proxy's having noticed, and what was lost on each. */
  #halfOpen: { link: object; lost: number; begun: ReadonlySet<Receiver> }[] = []

  constructor(publishers: number) {
    this.publishers = Array.from({ length: publishers }, () => new Publisher())
    for (const publisher of this.publishers) publisher.connect()
  }

  send(publisher: Publisher, messages: number, full: number): void {
    if (publisher.link === undefined) return
    this.proxy.full = new Set(this.receivers.filter((_, i) => (full >> i) & 1))
    const before = publisher.sent
    publisher.send(this.proxy, messages)
    for (const receiver of this.receivers)
      if (receiver.hasBegun && !this.proxy.receivers.has(receiver)) receiver.missed += publisher.sent - before
    this.proxy.full = new Set()
  }

  /** A publisher's connection breaks, and what it sent last never arrived. */
  breakLink(publisher: Publisher, lost: number, isNoticed: boolean): void {
    if (publisher.link === undefined) return
    const isHeard = this.proxy.receivers.size > 0
    if (isHeard) {
      this.send(publisher, 1, 0)
      publisher.sent += lost
    }
    const begun = new Set(this.receivers.filter(({ hasBegun }) => hasBegun))
    for (const receiver of begun) if (isHeard) receiver.missed += lost
    this.#halfOpen.push({ link: publisher.link, lost: isHeard ? lost : 0, begun })
    publisher.link = undefined
    if (isNoticed) this.noticeAll()
  }

  /** Until the proxy notices, it takes what is sent over a broken connection for due to its subscribers. */
  noticeAll(): void {
    for (const { link, lost, begun } of this.#halfOpen.splice(0)) {
      for (const receiver of this.receivers)
        if (receiver.hasBegun && !begun.has(receiver)) receiver.arguable += lost
      this.proxy.topic.leave(link)
    }
  }

  reconnect(publisher: Publisher): void {
    if (publisher.link === undefined) publisher.connect()
  }

  join(receiver: Receiver): void {
    receiver.isOpened = false
    this.proxy.receivers.add(receiver)
  }

  /** A subscriber's connection breaks, with messages of a publisher on their way to it. */
  part(receiver: Receiver, publisher: Publisher, inFlight: number): void {
    if (!this.proxy.receivers.has(receiver)) return
    this.send(publisher, inFlight, 1 << this.receivers.indexOf(receiver))
    this.proxy.receivers.delete(receiver)
  }

  /** The proxy is killed, and another one started; subscribers are back before publishers are let in. */
  restart(lost: number): void {
    const back = [...this.proxy.receivers]
    for (const publisher of this.publishers) this.breakLink(publisher, lost, true)
    this.proxy = new Proxy()
    for (const receiver of back) this.join(receiver)
    for (const publisher of this.publishers) this.reconnect(publisher)
  }

  /** All are there, all have said their last, and everything has been stated. */
  settle(): void {
    for (const receiver of this.receivers)
      if (receiver.hasBegun && !this.proxy.receivers.has(receiver)) this.join(receiver)
    this.noticeAll()
    for (const publisher of this.publishers) {
      this.reconnect(publisher)
      if (this.proxy.receivers.size > 0) publisher.announce(this.proxy)
    }
    this.proxy.topic.state(true)
  }
}

const who = fc.nat(2)
const few = fc.nat(20)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('send' as const), who, messages: fc.nat(700), full: fc.nat(7) }),
  },
  fc.record({ do: fc.constant('break' as const), who, lost: few, isNoticed: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const), who }) },
  fc.record({ do: fc.constant('notice' as const) }),
  fc.record({ do: fc.constant('join' as const), who }),
  fc.record({ do: fc.constant('part' as const), who, publisher: who, inFlight: few }),
  fc.record({ do: fc.constant('restart' as const), lost: few }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('state' as const), repeat: fc.boolean() }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function run(world: World, steps: readonly Step[]): void {
  for (const step of steps) {
    const [publisher, receiver] = 'who' in step ? [world.publishers[step.who], world.receivers[step.who]] : []
    if (step.do === 'restart') world.restart(step.lost)
    else if (step.do === 'notice') world.noticeAll()
    else if (step.do === 'state') world.proxy.topic.state(step.repeat)
    else if (publisher === undefined || receiver === undefined) continue
    else if (step.do === 'send') world.send(publisher, step.messages, step.full)
    else if (step.do === 'break') world.breakLink(publisher, step.lost, step.isNoticed)
    else if (step.do === 'reconnect') world.reconnect(publisher)
    else if (step.do === 'join') world.join(receiver)
    else world.part(receiver, world.publishers[step.publisher] ?? publisher, step.inFlight)
    for (const { claimed, missed, arguable } of world.receivers)
      assert(claimed <= missed + arguable, `${claimed} claimed of ${missed} and ${arguable}`)
  }
}

test('whatever breaks, no receiver claims more than it has lost, and one that is accounted for claims exactly that', () => {
  let exact = 0
  let lossy = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const world = new World(3)
      world.join(world.receivers[0] as Receiver)
      run(world, steps)
      world.settle()
      for (const { account, claimed, missed, arguable, hasBegun } of world.receivers) {
        if (!hasBegun) continue
        const { state, lost } = account.toJSON()
        assert.equal(lost, claimed)
        assert(claimed <= missed + arguable, `${claimed} claimed of ${missed} and ${arguable}`)
        if (state !== 'accounted') continue
        assert(claimed >= missed, `${claimed} claimed of ${missed}`)
        exact += 1
        if (missed > 0) lossy += 1
      }
    }),
    runs(1_000),
  )
  assert(exact > 500 && lossy > 200, `only ${exact} accounts were exact, ${lossy} of them with losses`)
})
