import assert from 'node:assert/strict'
import { decodeCounts, encodeAnnouncement, newId } from '../../../src/core/bus/announcement.ts'
import type { Followers } from '../../../src/core/bus/carrier.ts'
import { ForwardedTopic } from '../../../src/core/bus/forwarded-topic.ts'
import { MessageView } from '../../../src/core/bus/message-view.ts'
import { TopicAccount } from '../../../src/core/bus/topic-account.ts'

/** A message whose content nobody looks at. */
export const MESSAGE = MessageView.of(Buffer.from('telem'), Buffer.alloc(0))

/** A message, or a statement. */
type Item = 'message' | Buffer

export class Receiver {
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
  /** The proxy's knowledge of its connection: it has an opening; it once had one; it had no room for one. */
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

  /** Loses all that is on its way. */
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
      { begin: () => world.hasRoom, add: () => world.hasRoom, isControlled: () => false, end: () => {} },
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
      if (this.link !== undefined) proxy.topic.forward(MESSAGE, this.link)
    }
  }
}

export class World {
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

  /** Messages on their way to it still come, also after it has subscribed again. */
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
