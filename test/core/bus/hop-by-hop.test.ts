// A bus in memory: publishers, proxies that are restarted, subscribers that come and go, and that ask for the topic at times only,
// losses on each hop, and proxies without room for an account. It holds the accounts that proxy and receivers keep against
// what was really lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeCounts, encodeAnnouncement, newId } from '../../../src/core/bus/announcement.ts'
import type { Followers } from '../../../src/core/bus/carrier.ts'
import { ForwardedTopic } from '../../../src/core/bus/forwarded-topic.ts'
import { TopicAccount } from '../../../src/core/bus/topic-account.ts'

/** A message, or a statement. */
type Item = 'message' | Buffer

class Receiver {
  readonly account = new TopicAccount()
  /** Messages that are lost to it since its account began, by what the world knows. */
  missed = 0
  /** Messages that were sent over a broken connection before it came, where the proxy noticed that only afterwards. */
  arguable = 0
  claimed = 0
  /** Whether it asks for the topic. */
  wants = true
  /** Its account has begun, or would have if the proxy had had room for the opening. */
  hasBegun = false
  /** What the proxy knows of its connection: it was sent an opening, and has it still; it was, ever; it had no room for it. */
  isOpened = false
  wasOpened = false
  isLate = false
  /** Messages and statements are on their way, and do not arrive yet. */
  isHeld = false
  #hasHeard = false
  #stream: Item[] = []

  send(item: Item): void {
    this.#stream.push(item)
    if (!this.isHeld) this.deliver()
  }

  deliver(): void {
    for (const item of this.#stream.splice(0)) {
      if (!this.wants) continue
      if (item === 'message') this.account.received += 1
      else this.#take(item)
    }
  }

  /** What is on its way is lost. */
  dropStream(): void {
    this.missed += this.#stream.splice(0).filter(item => item === 'message').length
  }

  /** Its connection is over. If no statement has come by it, its account begins with another one. */
  disconnect(): void {
    this.dropStream()
    if (!this.#hasHeard) {
      this.hasBegun = false
      this.missed = 0
    }
    this.isOpened = false
    this.wasOpened = false
    this.isLate = false
  }

  #take(statement: Buffer): void {
    this.#hasHeard = true
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

  constructor(world: World) {
    const { receivers } = this
    const unopened = () => [...receivers].filter(({ isOpened }) => !isOpened)
    const followers: Followers = {
      get any() {
        return receivers.size > 0
      },
      get hasNew() {
        return unopened().some(({ isLate }) => !isLate)
      },
      get hasLate() {
        return [...receivers].some(({ isLate }) => isLate)
      },
      open: (statement, gap) => {
        for (const receiver of unopened()) {
          receiver.hasBegun = true
          // If it had no room for a statement just now, it has none for an opening, which is longer.
          if (world.clogged.has(receiver) || (receiver.wasOpened && this.full.has(receiver))) {
            receiver.isLate = true
            continue
          }
          if (receiver.isLate) receiver.send(gap)
          receiver.send(statement)
          receiver.isOpened = true
          receiver.wasOpened = true
          receiver.isLate = false
        }
      },
      renew: () => {
        for (const receiver of receivers) receiver.isOpened = receiver.wasOpened = false
      },
      tell: statement => {
        for (const receiver of receivers)
          if (receiver.wasOpened && !this.full.has(receiver)) receiver.send(statement)
      },
    }
    const send = () => {
      for (const receiver of receivers) {
        if (this.full.has(receiver)) receiver.missed += 1
        else receiver.send('message')
      }
      return 'sent' as const
    }
    this.topic = new ForwardedTopic(
      'telem',
      { followers, send },
      { begin: () => world.hasRoom, add: () => world.hasRoom, end: () => {} },
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
  /** Receivers that have no room for an opening. */
  clogged: ReadonlySet<Receiver> = new Set()
  /** Whether the proxy has room for an account. */
  hasRoom = true
  proxy = new Proxy(this)
  readonly publishers: Publisher[]
  readonly receivers = [new Receiver(), new Receiver(), new Receiver()]
  /** Connections that are over without the proxy's having noticed, and what was lost on each. */
  #halfOpen: { link: object; lost: number; begun: Set<Receiver> }[] = []

  constructor(publishers: number) {
    this.publishers = Array.from({ length: publishers }, () => new Publisher())
    for (const publisher of this.publishers) publisher.connect()
  }

  send(publisher: Publisher, messages: number, full: number): void {
    if (publisher.link === undefined) return
    this.proxy.full = this.#some(full)
    const before = publisher.sent
    publisher.send(this.proxy, messages)
    for (const receiver of this.receivers)
      if (this.#isAway(receiver)) receiver.missed += publisher.sent - before
    this.proxy.full = new Set()
  }

  /** The receivers whose bits are set. */
  #some(bits: number): ReadonlySet<Receiver> {
    return new Set(this.receivers.filter((_, i) => (bits >> i) & 1))
  }

  #isAway(receiver: Receiver): boolean {
    return receiver.wants && receiver.hasBegun && !this.proxy.receivers.has(receiver)
  }

  /** A publisher's connection breaks, and what it sent last never arrived. */
  breakLink(publisher: Publisher, lost: number, isNoticed: boolean): void {
    if (publisher.link === undefined) return
    const isHeard = this.proxy.receivers.size > 0
    if (isHeard) {
      this.send(publisher, 1, 0)
      publisher.sent += lost
    }
    const begun = new Set(this.receivers.filter(({ hasBegun, wants }) => hasBegun && wants))
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
    if (!receiver.wants || this.proxy.receivers.has(receiver)) return
    this.proxy.receivers.add(receiver)
  }

  /** A subscriber's connection breaks, with messages of a publisher on their way to it. */
  part(receiver: Receiver, publisher: Publisher, inFlight: number): void {
    if (!this.proxy.receivers.has(receiver)) return
    this.send(publisher, inFlight, 1 << this.receivers.indexOf(receiver))
    this.proxy.receivers.delete(receiver)
    receiver.disconnect()
    if (!receiver.hasBegun) for (const { begun } of this.#halfOpen) begun.delete(receiver)
  }

  subscribe(receiver: Receiver): void {
    if (receiver.wants) return
    receiver.wants = true
    this.join(receiver)
  }

  /** What is on its way to it still comes, also after it has subscribed again. */
  unsubscribe(receiver: Receiver): void {
    if (!receiver.wants) return
    receiver.wants = false
    receiver.account.interrupt()
    this.proxy.receivers.delete(receiver)
    receiver.isOpened = receiver.wasOpened = receiver.isLate = false
  }

  /** The proxy drops all that waits for a subscriber. */
  drop(receiver: Receiver): void {
    receiver.dropStream()
    receiver.isOpened = false
  }

  clog(bits: number): void {
    this.clogged = this.#some(bits)
  }

  /** The proxy is short of room for accounts, and all publishers have left long ago. */
  giveUp(): void {
    this.proxy.topic.state(true)
    this.proxy.topic.giveUpIfAbandoned(Number.POSITIVE_INFINITY)
  }

  /** The proxy is killed, and another one started; subscribers are back before publishers are let in. */
  restart(lost: number): void {
    const back = [...this.proxy.receivers]
    for (const publisher of this.publishers) this.breakLink(publisher, lost, true)
    this.proxy = new Proxy(this)
    for (const receiver of back) receiver.disconnect()
    for (const receiver of back) this.join(receiver)
    for (const publisher of this.publishers) this.reconnect(publisher)
  }

  /** All are there, all have said their last, and everything has been stated. */
  settle(): void {
    this.clog(0)
    this.hasRoom = true
    for (const receiver of this.receivers) {
      receiver.isHeld = false
      receiver.deliver()
      if (this.#isAway(receiver)) this.join(receiver)
    }
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
  fc.record({ do: fc.constantFrom('hold' as const, 'deliver' as const, 'drop' as const), who }),
  fc.record({ do: fc.constant('clog' as const), receivers: fc.nat(7) }),
)

/** These make a topic's account a lower bound, so that few histories should have them. */
const interruption = fc.oneof(
  fc.record({ do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), who }),
  fc.record({ do: fc.constant('room' as const), hasRoom: fc.boolean() }),
  fc.record({ do: fc.constant('give up' as const) }),
)

type Step = typeof step | typeof interruption extends fc.Arbitrary<infer T> ? T : never

function run(world: World, steps: readonly Step[]): void {
  for (const step of steps) {
    const [publisher, receiver] = 'who' in step ? [world.publishers[step.who], world.receivers[step.who]] : []
    if (step.do === 'restart') world.restart(step.lost)
    else if (step.do === 'notice') world.noticeAll()
    else if (step.do === 'state') world.proxy.topic.state(step.repeat)
    else if (step.do === 'clog') world.clog(step.receivers)
    else if (step.do === 'give up') world.giveUp()
    else if (step.do === 'room') world.hasRoom = step.hasRoom
    else if (publisher === undefined || receiver === undefined) continue
    else if (step.do === 'send') world.send(publisher, step.messages, step.full)
    else if (step.do === 'break') world.breakLink(publisher, step.lost, step.isNoticed)
    else if (step.do === 'reconnect') world.reconnect(publisher)
    else if (step.do === 'join') world.join(receiver)
    else if (step.do === 'subscribe') world.subscribe(receiver)
    else if (step.do === 'unsubscribe') world.unsubscribe(receiver)
    else if (step.do === 'drop') world.drop(receiver)
    else if (step.do === 'hold') receiver.isHeld = true
    else if (step.do === 'deliver') {
      receiver.isHeld = false
      receiver.deliver()
    } else if (step.do === 'part')
      world.part(receiver, world.publishers[step.publisher] ?? publisher, step.inFlight)
    for (const { claimed, missed, arguable } of world.receivers)
      assert(claimed <= missed + arguable, `${claimed} claimed of ${missed} and ${arguable}`)
  }
}

/** Histories by which receivers claimed what they had not lost, or did not claim what they had, and were accounted for. */
const FOUND: Step[][] = [
  // A publisher came by a connection that there was no room for, and its position was taken for known.
  [
    { do: 'break', who: 0, lost: 0, isNoticed: false },
    { do: 'room', hasRoom: false },
    { do: 'reconnect', who: 0 },
    { do: 'restart', lost: 0 },
  ],
  // A publisher that had left before the receiver came was back, and left again, while the receiver was away.
  [
    { do: 'break', who: 2, lost: 0, isNoticed: true },
    { do: 'join', who: 2 },
    { do: 'reconnect', who: 2 },
    { do: 'part', who: 2, publisher: 0, inFlight: 1 },
    { do: 'break', who: 2, lost: 1, isNoticed: false },
  ],
]

/** Holds the accounts of many histories against what was lost. @returns how many were exact, and how many of these had losses */
function hold(history: fc.Arbitrary<Step[]>): { exact: number; lossy: number } {
  const seen = { exact: 0, lossy: 0 }
  fc.assert(
    fc.property(history, steps => {
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
        seen.exact += 1
        if (missed > 0) seen.lossy += 1
      }
    }),
    { numRuns: 2_000, examples: FOUND.map(steps => [steps]) },
  )
  return seen
}

test('whatever breaks, no receiver claims more than it has lost, and one that is accounted for claims exactly that', () => {
  const { exact, lossy } = hold(fc.array(step, { maxLength: 60 }))
  assert(exact > 500 && lossy > 200, `only ${exact} accounts were exact, ${lossy} of them with losses`)
})

test('the same holds where a receiver asks for the topic at times only, or the proxy has no room for its account', () => {
  const steps = fc.oneof({ weight: 8, arbitrary: step }, { weight: 1, arbitrary: interruption })
  const { exact, lossy } = hold(fc.array(steps, { maxLength: 60 }))
  assert(exact > 200 && lossy > 100, `only ${exact} accounts were exact, ${lossy} of them with losses`)
})
