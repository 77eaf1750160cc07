import type { Limit, Limits } from '../limits.ts'
import type { Connection } from './connection.ts'
import { SharedMessage, type Writer } from './writer.ts'

/** Room that only statements take, in bytes: they tell what was dropped, also of a publisher that has left since. */
const STATEMENT_BYTES = 1024 * 1024
/** So many messages may wait for one subscriber, whatever their size, while all of them together have room. */
const LEAST_MESSAGES = 4
/** Addresses of subscribers whose dropped messages are counted one by one. */
const MAX_DROPPED = 1_024
const OTHERS = '(others)'
/** Where too much waits for all, a part of that is made free at once: looking for the largest is not for every message. */
const ROOM = 8

/** A subscriber as its queue sees it. */
export interface QueueOwner {
  readonly connection: Connection
  readonly writer: Writer
  readonly peer: string
  /** What waited for it is dropped, opening statements among it. */
  onDropped(): void
}

/** What waits for subscribers: how much may, for each and for all, and what is dropped. */
export class SubscriberQueues {
  /** Messages that were dropped, by the subscriber's address. */
  readonly dropped = new Map<string, number>()
  readonly #one: Limit
  readonly #all: Limit
  readonly #owners: () => Iterable<QueueOwner>

  constructor({ queue, queues }: Limits, owners: () => Iterable<QueueOwner>) {
    this.#one = queue
    this.#all = queues
    this.#owners = owners
  }

  /** Whether one subscriber has room for a message of so many bytes. */
  hasRoom({ writer: { messages, bytes, isClosed } }: QueueOwner, length: number): boolean {
    if (isClosed) return false
    return bytes + length <= this.#one.value || messages < LEAST_MESSAGES
  }

  /** Whether one subscriber has room for a statement of so many bytes. */
  hasRoomForStatement({ writer: { bytes, isClosed } }: QueueOwner, length: number): boolean {
    return !isClosed && bytes + length <= this.#one.value + STATEMENT_BYTES
  }

  /**
   * Makes a large message ready for all who ask for it, and drops for it what the largest holders hold. Undefined where nobody has
   * room for it, or what waits for each of the others is less than the message itself.
   */
  share(topic: Buffer, frame: Buffer, askers: readonly QueueOwner[]): SharedMessage | undefined {
    if (!askers.some(asker => this.hasRoom(asker, frame.length))) return undefined
    for (const holder of this.#holders()) {
      if (!this.#isFullFor(frame.length)) break
      if (holder.writer.bytes < frame.length) return undefined
      this.#takeFrom(holder)
    }
    return this.#isFullFor(frame.length) ? undefined : new SharedMessage(topic, frame)
  }

  /** Alone, any message has room: its header counts too. */
  #isFullFor(bytes: number): boolean {
    return this.#all.now > 0 && this.#all.isFullFor(bytes)
  }

  /** Whether more waits for all of them than may. */
  get areOver(): boolean {
    return this.#all.isFullFor(0)
  }

  /** Drops what waits for the largest holders, until there is some room again. */
  relieve(): void {
    for (const holder of this.#holders()) {
      if (!this.#all.isFullFor(this.#all.value / ROOM)) return
      this.#takeFrom(holder)
    }
  }

  /** A subscriber has no room for a message. */
  refuse(owner: QueueOwner): void {
    this.#one.exceed()
    this.#drop(owner, 1)
  }

  /** A subscriber has left. @returns how many messages waited for it */
  leave(owner: QueueOwner): number {
    const { messages, statements } = owner.writer
    const waiting = messages - statements
    if (waiting > 0) this.#drop(owner, waiting)
    return waiting
  }

  /** The largest first. */
  #holders(): QueueOwner[] {
    return [...this.#owners()].sort((a, b) => b.writer.bytes - a.writer.bytes)
  }

  /** Drops a queue. What the system was handed can't be had back: where that is the most, the subscriber is cut off. */
  #takeFrom(owner: QueueOwner): void {
    const { writer } = owner
    const before = writer.bytes
    const dropped = writer.drop()
    owner.onDropped()
    if (writer.bytes > before / 2) {
      this.#all.exceed(writer.messages - writer.statements + dropped)
      owner.connection.fail('it held the most when too much waited for all subscribers')
    } else this.#all.exceed(dropped)
    this.#drop(owner, dropped)
  }

  #drop({ peer }: QueueOwner, messages: number): void {
    if (messages === 0) return
    const key = this.dropped.has(peer) || this.dropped.size < MAX_DROPPED ? peer : OTHERS
    this.dropped.set(key, (this.dropped.get(key) ?? 0) + messages)
  }
}
