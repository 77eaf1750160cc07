import type { Wait } from '../flow-message.ts'
import type { Limits } from '../limits.ts'
import type { QueueOwner } from './subscriber-queues.ts'

/** Share of a queue that publishers with flow control may fill, and share of that at which they go on. */
const FILLED = 1 / 4
const GO_ON = 1 / 2
/** Interval at which publishers are told what they wait for, in ms. */
const TELL_MS = 1_000
/** Longest wait for one subscriber, in ms. */
const PATIENCE_MS = 30_000

type OnWait = (wait: Wait) => void

interface Waiter {
  readonly resolve: () => void
  readonly onWait: OnWait
}

/** Publishers that wait for one subscriber. */
interface Queue {
  readonly waiters: Waiter[]
  /** When the wait began, on the monotonic clock in ms. */
  readonly began: number
  /** When the subscriber last took anything since. */
  tookAt: number
}

/**
 * Holds publishers with flow control until the queues of their subscribers have room.
 *
 * They fill only a quarter of a queue, and of all queues together, so live messages keep their room. A subscriber that has not taken
 * half of that within 30 s is passed over until it has.
 */
export class QueueRoom {
  readonly #limits: Limits
  readonly #subscribers: () => number
  readonly #queues = new Map<QueueOwner, Queue>()
  readonly #passedOver = new Set<QueueOwner>()
  #timer: NodeJS.Timeout | undefined

  /** @param subscribers returns how many share the limit of all queues */
  constructor(limits: Limits, subscribers: () => number) {
    this.#limits = limits
    this.#subscribers = subscribers
  }

  /**
   * @param onWait called about once a second while it waits
   * @returns a promise that resolves when there may be room; undefined if each has room for so many bytes
   */
  wait(owners: readonly QueueOwner[], bytes: number, onWait: OnWait): Promise<void> | undefined {
    const full = owners.find(owner => !this.#hasRoom(owner, bytes))
    if (full === undefined) return undefined
    let queue = this.#queues.get(full)
    if (queue === undefined) {
      const began = performance.now()
      queue = { waiters: [], began, tookAt: began }
      this.#queues.set(full, queue)
    }
    this.#timer ??= setInterval(() => this.#tell(), TELL_MS).unref()
    const { waiters } = queue
    return new Promise(resolve => waiters.push({ resolve, onWait }))
  }

  /** A subscriber has taken some of its queue, or its queue was dropped. */
  progressed(owner: QueueOwner): void {
    if (this.#queues.size === 0 && this.#passedOver.size === 0) return
    const queue = this.#queues.get(owner)
    if (queue !== undefined) queue.tookAt = performance.now()
    if (owner.writer.bytes > GO_ON * this.#mark) return
    this.#passedOver.delete(owner)
    this.#release(owner)
  }

  leave(owner: QueueOwner): void {
    this.#passedOver.delete(owner)
    this.#release(owner)
  }

  /** Ends all waits. */
  close(): void {
    for (const owner of this.#queues.keys()) this.#release(owner)
  }

  /** Bytes up to which the queue of one subscriber is filled. */
  get #mark(): number {
    const { queue, queues } = this.#limits
    return FILLED * Math.min(queue.value, queues.value / Math.max(1, this.#subscribers()))
  }

  /** An empty queue has room for a message of any size. */
  #hasRoom(owner: QueueOwner, bytes: number): boolean {
    const { writer } = owner
    if (writer.bytes === 0 || writer.bytes + bytes <= this.#mark) return true
    return writer.isClosed || this.#passedOver.has(owner)
  }

  #release(owner: QueueOwner): void {
    const queue = this.#queues.get(owner)
    if (queue === undefined) return
    this.#queues.delete(owner)
    if (this.#queues.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    for (const { resolve } of queue.waiters) resolve()
  }

  #tell(): void {
    const now = performance.now()
    for (const [owner, { waiters, began, tookAt }] of this.#queues) {
      const isPassedOver = now - began >= PATIENCE_MS
      const { peer, writer } = owner
      const idleMs = Math.round(now - tookAt)
      for (const { onWait } of waiters) onWait({ peer, bytes: writer.bytes, idleMs, isPassedOver })
      if (!isPassedOver) continue
      this.#passedOver.add(owner)
      this.#release(owner)
    }
  }
}
