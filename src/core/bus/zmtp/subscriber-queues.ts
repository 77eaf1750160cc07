import type { Limit, Limits } from '../limits.ts'
import type { Connection } from './connection.ts'
import type { Writer } from './writer.ts'

/** Extra room for statements only, in bytes: they tell what was dropped, also of a publisher that has left since. */
const STATEMENT_BYTES = 1024 * 1024
/** Messages that may always wait for one subscriber, whatever their size, while there is room in total. */
const LEAST_MESSAGES = 4
/** Addresses of subscribers whose dropped messages are counted one by one. */
const MAX_DROPPED = 1_024
const OTHERS = '(others)'
/** Share of the total limit that is freed at once, so that not every message has to look for the largest queue. */
const ROOM = 8

/** A subscriber as its queue sees it. */
export interface QueueOwner {
  readonly connection: Connection
  readonly writer: Writer
  readonly peer: string
  /** Its queue was dropped, opening statements included. */
  onDropped(): void
}

/** Limits the send queues of subscribers, for each and in total, and counts dropped messages. */
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
   * Makes room for a large message, and drops the largest queues for it.
   * @returns false if none of those who ask for it has room, or if each of the other queues is smaller than the message itself
   */
  makeRoom(length: number, askers: readonly QueueOwner[]): boolean {
    if (!askers.some(asker => this.hasRoom(asker, length))) return false
    for (const holder of this.#holders()) {
      if (!this.#isFullFor(length)) break
      if (holder.writer.bytes < length) return false
      this.#takeFrom(holder)
    }
    return !this.#isFullFor(length)
  }

  /** A message that is alone always has room, as its header counts too. */
  #isFullFor(bytes: number): boolean {
    return this.#all.now > 0 && this.#all.isFullFor(bytes)
  }

  /** Whether more waits for all of them than may. */
  get areOver(): boolean {
    return this.#all.isFullFor(0)
  }

  /** Drops the largest queues until there is some room again. */
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

  /** Drops a queue. Bytes handed to the system can't be had back: if they are most of it, the subscriber is cut off. */
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
