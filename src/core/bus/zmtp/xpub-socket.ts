import type {
  Backlog,
  Forwarding,
  Route,
  SubscriptionChange,
  XPubSocket,
  XPubSocketOptions,
} from '../carrier.ts'
import type { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import type { Resources } from './resources.ts'
import { SubscriberPrefixes } from './subscriber-prefixes.ts'
import { SubscriberQueues, type QueueOwner } from './subscriber-queues.ts'
import { SharedMessage } from './writer.ts'

/** A subscriber has nothing to send but what it asks for. */
const MAX_FRAME = 64 * 1024

interface Subscriber extends QueueOwner {
  readonly prefixes: SubscriberPrefixes
}

/** An XPUB socket that subscribers connect to: subscriptions in, to each the messages that it asks for out. */
export class ZmtpXPubSocket implements XPubSocket {
  readonly #listener: Listener
  readonly #onSubscription: (change: SubscriptionChange) => void
  readonly #resources: Resources
  readonly #queues: SubscriberQueues
  readonly #subscribers = new Map<Connection, Subscriber>()
  /** How many ask for a prefix. */
  readonly #counts = new Map<string, number>()
  /** Grows with every change, so that routes know when to be looked up anew. */
  #version = 0

  constructor({ onPeer, onSubscription, onNoMessage }: XPubSocketOptions, resources: Resources) {
    this.#onSubscription = onSubscription
    this.#resources = resources
    this.#queues = new SubscriberQueues(resources.limits, () => this.#subscribers.values())
    this.#listener = new Listener({
      type: 'XPUB',
      peers: ['SUB', 'XSUB'],
      maxFrame: MAX_FRAME,
      // A prefix that no topic has is ignored, however long it is.
      maxFirst: MAX_FRAME,
      expected: 'a subscriber',
      resources,
      onPeer,
      handlers: {
        onOpen: (connection, peer) => {
          const prefixes = new SubscriberPrefixes(resources.limits)
          this.#subscribers.set(connection, { connection, writer: connection.writer, peer, prefixes })
        },
        onLeft: connection => this.#leave(connection),
        onSubscription: (change, connection) => this.#change(change, connection),
        onMessage: (topic, frame) =>
          onNoMessage({ first: topic, frames: 2, bytes: topic.length + frame.length, oversize: false }),
        onNoMessage,
        onWritten: () => {},
      },
    })
  }

  get dropped(): ReadonlyMap<string, number> {
    return this.#queues.dropped
  }

  bind(url: string): Promise<string> {
    return this.#listener.bind(url)
  }

  async close(linger: number): Promise<void> {
    await this.#listener.close(linger)
    this.#resources.close()
  }

  async backlogs(): Promise<Backlog[]> {
    const subscribers = [...this.#subscribers.values()]
    return subscribers.map(({ peer, writer }) => ({ peer, bytes: writer.bytes }))
  }

  route(topic: Buffer, isMessage: boolean): Route {
    const queues = this.#queues
    const limit = queues.limitFor(isMessage)
    const bytes = Buffer.from(topic)
    const name = bytes.toString('latin1')
    let version = -1
    let askers: readonly Subscriber[] = []
    return {
      send: (frame): Forwarding => {
        if (version !== this.#version) {
          version = this.#version
          askers = this.#askersFor(name)
        }
        if (askers.length === 0) return 'unheard'
        const isLarge = SharedMessage.isFor(frame)
        const shared = isLarge ? queues.share(bytes, frame, askers) : undefined
        let taken = 0
        for (const asker of askers) {
          if ((isLarge && shared === undefined) || !queues.hasRoom(asker, frame.length, limit)) {
            if (isMessage) queues.refuse(asker)
            continue
          }
          if (shared !== undefined) asker.writer.share(shared)
          else if (isMessage) asker.writer.message(bytes, frame)
          else asker.writer.announcement(bytes, frame)
          taken += 1
        }
        if (queues.areOver) queues.relieve()
        return taken > 0 ? 'sent' : 'full'
      },
    }
  }

  #askersFor(topic: string): Subscriber[] {
    return [...this.#subscribers.values()].filter(({ prefixes }) => prefixes.want(topic))
  }

  #change({ prefix, subscribe }: SubscriptionChange, connection: Connection): void {
    const prefixes = this.#subscribers.get(connection)?.prefixes
    const key = subscribe ? prefixes?.add(prefix) : prefixes?.delete(prefix)
    if (key === undefined) return
    this.#version += 1
    this.#count(key, subscribe ? 1 : -1)
  }

  #leave(connection: Connection): number {
    const subscriber = this.#subscribers.get(connection)
    if (subscriber === undefined) return 0
    this.#subscribers.delete(connection)
    this.#version += 1
    for (const key of subscriber.prefixes.clear()) this.#count(key, -1)
    return this.#queues.leave(subscriber)
  }

  #count(key: string, difference: 1 | -1): void {
    const before = this.#counts.get(key) ?? 0
    const count = before + difference
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
    if (before === 0 || count === 0)
      this.#onSubscription({ prefix: Buffer.from(key, 'latin1'), subscribe: count > 0 })
  }
}
