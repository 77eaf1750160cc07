import { ANNOUNCEMENT_PREFIX, RESERVED_PREFIX } from '../announcement.ts'
import type { Followers, Forwarding, Route } from '../carrier.ts'
import type { Wait } from '../flow-message.ts'
import type { MessageView } from '../message-view.ts'
import type { AskersByPrefix } from './askers-by-prefix.ts'
import type { QueueRoom } from './queue-room.ts'
import type { SubscriberPrefixes } from './subscriber-prefixes.ts'
import type { QueueOwner, SubscriberQueues } from './subscriber-queues.ts'
import { WireMessage } from './wire-message.ts'

const ANNOUNCEMENT = Buffer.from(ANNOUNCEMENT_PREFIX)
/** A frame of more bytes takes room before it is sent: see {@link SubscriberQueues.makeRoom}. */
const LARGE = 64 * 1024

/** A subscriber, as a route sees it. */
export interface Asker extends QueueOwner {
  readonly prefixes: SubscriberPrefixes<Asker>
}

/** All subscribers of a socket. */
export interface Askers {
  /** Grows with every change of what they ask for, or have been told. */
  readonly version: number
  readonly byPrefix: AskersByPrefix<Asker>
  readonly queues: SubscriberQueues
  readonly queueRoom: QueueRoom
}

/**
 * The way of one topic's messages to those who ask for it, and of its account to those who follow that. It is brought up to date
 * ahead of a message, and made anew only if a prefix of the topic has changed: a change costs nothing for routes that are not used.
 */
export class ZmtpRoute implements Route, Followers {
  readonly followers: Followers = this
  readonly #askers: Askers
  readonly #topic: Buffer
  readonly #statementTopic: Buffer
  #version = -1
  /** Those who ask for the topic, and for its statements, as {@link AskersByPrefix.stateOf} identifies them. */
  #asked = -1
  #followed = -1
  #asking: readonly Asker[] = []
  #following: readonly Asker[] = []
  /** Followers that have had an opening statement, and their epoch then. */
  readonly #opened = new Map<Asker, number>()
  /** Followers that had no room for it. */
  readonly #late = new Set<Asker>()
  #hasNew = false

  constructor(askers: Askers, topic: Buffer) {
    this.#askers = askers
    // Not out of the pool: a few bytes that stay would hold 8 KiB of it.
    this.#statementTopic = Buffer.allocUnsafeSlow(ANNOUNCEMENT.length + topic.length)
    this.#statementTopic.set(ANNOUNCEMENT)
    this.#statementTopic.set(topic, ANNOUNCEMENT.length)
    this.#topic = this.#statementTopic.subarray(ANNOUNCEMENT.length)
  }

  send(message: MessageView): Forwarding {
    if (this.#version !== this.#askers.version) this.#update()
    if (this.#asking.length === 0) return 'unheard'
    const { queues } = this.#askers
    const size = message.frameLength
    const fits = size <= LARGE || queues.makeRoom(size, this.#asking)
    const piece = message instanceof WireMessage && message.start >= 0 ? message : undefined
    let taken = 0
    for (const asker of this.#asking) {
      if (!fits || !queues.hasRoom(asker, size)) {
        queues.refuse(asker)
        continue
      }
      if (piece !== undefined) asker.writer.pass(piece)
      else asker.writer.message(this.#topic, message.frame)
      taken += 1
    }
    if (queues.areOver) queues.relieve()
    return taken > 0 ? 'sent' : 'full'
  }

  room(bytes: number, onWait: (wait: Wait) => void): Promise<void> | undefined {
    if (this.#version !== this.#askers.version) this.#update()
    return this.#askers.queueRoom.wait(this.#asking, bytes, onWait)
  }

  get any(): boolean {
    if (this.#version !== this.#askers.version) this.#update()
    return this.#following.length > 0
  }

  get hasNew(): boolean {
    if (this.#version !== this.#askers.version) this.#update()
    return this.#hasNew
  }

  get hasLate(): boolean {
    return this.#late.size > 0
  }

  open(statement: Buffer, gap: Buffer): void {
    this.#hasNew = false
    for (const asker of this.#following) {
      if (this.#isOpened(asker)) continue
      if (!this.#open(asker, statement, gap)) this.#late.add(asker)
    }
  }

  #open(asker: Asker, statement: Buffer, gap: Buffer): boolean {
    if (this.#late.has(asker)) {
      const length = gap.length + statement.length + 2 * this.#statementTopic.length
      if (!this.#askers.queues.hasRoomForStatement(asker, length)) return false
      this.#state(asker, gap)
    }
    if (!this.#state(asker, statement)) return false
    this.#late.delete(asker)
    this.#opened.set(asker, asker.prefixes.epoch)
    return true
  }

  renew(): void {
    this.#opened.clear()
    this.#version = -1
  }

  /** One whose queue was dropped gets it too, ahead of its next opening: if it does not know the account, it has lost the first. */
  tell(statement: Buffer): void {
    for (const asker of this.#following) if (this.#opened.has(asker)) this.#state(asker, statement)
  }

  #state(asker: Asker, statement: Buffer): boolean {
    const fits = this.#askers.queues.hasRoomForStatement(asker, statement.length)
    if (fits) asker.writer.statement(this.#statementTopic, statement)
    return fits
  }

  #isOpened(asker: Asker): boolean {
    return this.#opened.get(asker) === asker.prefixes.epoch
  }

  #update(): void {
    this.#version = this.#askers.version
    const { byPrefix } = this.#askers
    const [asked, followed] = [byPrefix.stateOf(this.#topic), byPrefix.stateOf(this.#statementTopic)]
    if (asked !== this.#asked || followed !== this.#followed) this.#lookUp()
    this.#asked = asked
    this.#followed = followed
    this.#hasNew = this.#following.some(asker => !this.#isOpened(asker) && !this.#late.has(asker))
  }

  #lookUp(): void {
    const { byPrefix } = this.#askers
    this.#asking = byPrefix.askersOf(this.#topic)
    // Only by reserved prefixes: a subscriber that asks for everything does not ask for statements.
    const followers = byPrefix.askersOf(this.#statementTopic, RESERVED_PREFIX.length)
    const asking = followers.length > 0 ? new Set(this.#asking) : undefined
    this.#following = followers.filter(asker => asking?.has(asker))
    const following = new Set(this.#following)
    for (const asker of this.#opened.keys()) if (!following.has(asker)) this.#opened.delete(asker)
    for (const asker of this.#late) if (!following.has(asker)) this.#late.delete(asker)
  }
}
