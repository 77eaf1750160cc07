import type { AdmittedKey } from '../../security/keys.ts'
import type { Backlog, Route, SubscriptionChange, XPubSocket, XPubSocketOptions } from '../carrier.ts'
import { AskersByPrefix } from './askers-by-prefix.ts'
import type { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import { QueueRoom } from './queue-room.ts'
import type { Resources } from './resources.ts'
import type { Security } from './security.ts'
import { type Asker, type Askers, ZmtpRoute } from './route.ts'
import { SubscriberPrefixes } from './subscriber-prefixes.ts'
import { SubscriberQueues } from './subscriber-queues.ts'

/** A subscriber has nothing to send but what it asks for. */
const MAX_FRAME = 64 * 1024

/** An XPUB socket that subscribers connect to: subscriptions in, to each the messages that it asks for out. */
export class ZmtpXPubSocket implements XPubSocket, Askers {
  readonly #listener: Listener
  readonly #onSubscription: (change: SubscriptionChange) => void
  readonly #resources: Resources
  readonly queues: SubscriberQueues
  readonly queueRoom: QueueRoom
  readonly #subscribers = new Map<Connection, Asker>()
  readonly byPrefix = new AskersByPrefix<Asker>()
  /** Queues that were dropped. */
  #dropped = 0

  constructor(
    { onPeer, onSubscription, onNoMessage }: XPubSocketOptions,
    resources: Resources,
    security?: Security,
  ) {
    this.#onSubscription = onSubscription
    this.#resources = resources
    this.queues = new SubscriberQueues(resources.limits, () => this.#subscribers.values())
    this.queueRoom = new QueueRoom(resources.limits, () => this.#subscribers.size)
    this.#listener = new Listener({
      type: 'XPUB',
      security,
      peers: ['SUB', 'XSUB'],
      maxFrame: MAX_FRAME,
      // A prefix that no topic has is ignored, however long it is.
      maxFirst: MAX_FRAME,
      expected: 'a subscriber',
      resources,
      onPeer,
      handlers: {
        onOpen: (connection, peer) => {
          const prefixes = new SubscriberPrefixes(this.byPrefix, resources.limits)
          const onDropped = () => {
            prefixes.epoch += 1
            this.#dropped += 1
            this.queueRoom.progressed(subscriber)
          }
          const { writer } = connection
          const subscriber: Asker = { connection, writer, peer, prefixes, onDropped }
          this.#subscribers.set(connection, subscriber)
        },
        onLeft: connection => this.#leave(connection),
        onSubscription: (change, connection) => this.#change(change, connection),
        onMessage: ({ topic, topicLength, frameLength }) =>
          onNoMessage({ first: topic, frames: 2, bytes: topicLength + frameLength, oversize: false }),
        onNoMessage,
        onWritten: connection => {
          const subscriber = this.#subscribers.get(connection)
          if (subscriber !== undefined) this.queueRoom.progressed(subscriber)
        },
      },
    })
  }

  get dropped(): ReadonlyMap<string, number> {
    return this.queues.dropped
  }

  bind(url: string): Promise<string> {
    return this.#listener.bind(url)
  }

  dismiss(isDismissed: (key: AdmittedKey) => boolean): void {
    this.#listener.dismiss(isDismissed)
  }

  async close(linger: number): Promise<void> {
    this.queueRoom.close()
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

  get version(): number {
    return this.byPrefix.version + this.#dropped
  }

  #change({ prefix, subscribe }: SubscriptionChange, connection: Connection): void {
    const subscriber = this.#subscribers.get(connection)
    if (subscriber === undefined) return
    const { prefixes } = subscriber
    const isNews = subscribe ? prefixes.add(prefix, subscriber) : prefixes.delete(prefix, subscriber)
    if (isNews) this.#onSubscription({ prefix: Buffer.from(prefix), subscribe })
  }

  #leave(connection: Connection): number {
    const subscriber = this.#subscribers.get(connection)
    if (subscriber === undefined) return 0
    this.#subscribers.delete(connection)
    this.queueRoom.leave(subscriber)
    for (const prefix of subscriber.prefixes.clear(subscriber))
      this.#onSubscription({ prefix, subscribe: false })
    return this.queues.leave(subscriber)
  }
}
