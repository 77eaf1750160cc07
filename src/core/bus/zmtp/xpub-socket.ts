import type { Backlog, Route, SubscriptionChange, XPubSocket, XPubSocketOptions } from '../carrier.ts'
import type { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import type { Resources } from './resources.ts'
import { type Asker, type Askers, ZmtpRoute } from './route.ts'
import { SubscriberPrefixes } from './subscriber-prefixes.ts'
import { SubscriberQueues } from './subscriber-queues.ts'

/** A subscriber has nothing to send but what it asks for. */
const MAX_FRAME = 64 * 1024

interface Subscriber extends Asker {
  readonly prefixes: SubscriberPrefixes
}

/** An XPUB socket that subscribers connect to: subscriptions in, to each the messages that it asks for out. */
export class ZmtpXPubSocket implements XPubSocket, Askers {
  readonly #listener: Listener
  readonly #onSubscription: (change: SubscriptionChange) => void
  readonly #resources: Resources
  readonly queues: SubscriberQueues
  readonly #subscribers = new Map<Connection, Subscriber>()
  /** How many ask for a prefix. */
  readonly #counts = new Map<string, number>()
  version = 0

  constructor({ onPeer, onSubscription, onNoMessage }: XPubSocketOptions, resources: Resources) {
    this.#onSubscription = onSubscription
    this.#resources = resources
    this.queues = new SubscriberQueues(resources.limits, () => this.#subscribers.values())
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
          const onDropped = () => {
            prefixes.epoch += 1
            this.version += 1
          }
          this.#subscribers.set(connection, {
            connection,
            writer: connection.writer,
            peer,
            prefixes,
            onDropped,
          })
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
    return this.queues.dropped
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

  route(topic: Buffer): Route {
    return new ZmtpRoute(this, topic)
  }

  get all(): Iterable<Subscriber> {
    return this.#subscribers.values()
  }

  #change({ prefix, subscribe }: SubscriptionChange, connection: Connection): void {
    const prefixes = this.#subscribers.get(connection)?.prefixes
    const key = subscribe ? prefixes?.add(prefix) : prefixes?.delete(prefix)
    if (key === undefined) return
    this.version += 1
    this.#count(key, subscribe ? 1 : -1)
  }

  #leave(connection: Connection): number {
    const subscriber = this.#subscribers.get(connection)
    if (subscriber === undefined) return 0
    this.#subscribers.delete(connection)
    this.version += 1
    for (const key of subscriber.prefixes.clear()) this.#count(key, -1)
    return this.queues.leave(subscriber)
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
