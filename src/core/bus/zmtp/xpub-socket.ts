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
import type { Writer } from './writer.ts'

/** What waits for one subscriber at the most, in bytes: how many messages that is does not matter, as they stand in batches. */
const QUEUE_BYTES = 16 * 1024 * 1024
/** What is kept free for announcements: they tell what was dropped, also of a publisher that has left since. */
const ANNOUNCEMENT_BYTES = 1024 * 1024
/** So many may wait, whatever their size. */
const LEAST_MESSAGES = 4
/** A subscriber has nothing to send but what it asks for. */
const MAX_FRAME = 64 * 1024

/** Addresses of subscribers whose dropped messages are counted one by one. */
const MAX_DROPPED = 1_024
const OTHERS = '(others)'

interface Subscriber {
  readonly writer: Writer
  readonly peer: string
  /** What it asks for, as Latin-1. */
  readonly prefixes: Set<string>
}

/** An XPUB socket that subscribers connect to: subscriptions in, to each the messages that it asks for out. */
export class ZmtpXPubSocket implements XPubSocket {
  readonly dropped = new Map<string, number>()
  readonly #listener: Listener
  readonly #onSubscription: (change: SubscriptionChange) => void
  readonly #subscribers = new Map<Connection, Subscriber>()
  /** How many ask for a prefix. */
  readonly #counts = new Map<string, number>()
  /** Grows with every change, so that routes know when to be looked up anew. */
  #version = 0

  constructor({ onPeer, onSubscription, onNoMessage }: XPubSocketOptions) {
    this.#onSubscription = onSubscription
    this.#listener = new Listener({
      type: 'XPUB',
      peers: ['SUB', 'XSUB'],
      maxFrame: MAX_FRAME,
      expected: 'a subscriber',
      onPeer,
      handlers: {
        onOpen: (connection, peer) => {
          this.#subscribers.set(connection, { writer: connection.writer, peer, prefixes: new Set() })
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

  bind(url: string): Promise<string> {
    return this.#listener.bind(url)
  }

  close(linger: number): Promise<void> {
    return this.#listener.close(linger)
  }

  async backlogs(): Promise<Backlog[]> {
    const subscribers = [...this.#subscribers.values()]
    return subscribers.map(({ peer, writer }) => ({ peer, bytes: writer.bytes }))
  }

  route(topic: Buffer, isMessage: boolean): Route {
    const limit = isMessage ? QUEUE_BYTES : QUEUE_BYTES + ANNOUNCEMENT_BYTES
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
        let taken = 0
        for (const asker of askers) {
          if (hasRoom(asker, frame.length, limit)) {
            asker.writer.message(bytes, frame)
            taken += 1
          } else if (isMessage) this.#drop(asker)
        }
        return taken > 0 ? 'sent' : 'full'
      },
    }
  }

  #askersFor(topic: string): Subscriber[] {
    const asks = ({ prefixes }: Subscriber) => [...prefixes].some(prefix => topic.startsWith(prefix))
    return [...this.#subscribers.values()].filter(asks)
  }

  #drop({ peer }: Subscriber): void {
    const key = this.dropped.has(peer) || this.dropped.size < MAX_DROPPED ? peer : OTHERS
    this.dropped.set(key, (this.dropped.get(key) ?? 0) + 1)
  }

  #change({ prefix, subscribe }: SubscriptionChange, connection: Connection): void {
    const prefixes = this.#subscribers.get(connection)?.prefixes
    const key = prefix.toString('latin1')
    // A second subscription to the same prefix by the same subscriber is none.
    if (prefixes === undefined || prefixes.has(key) === subscribe) return
    this.#version += 1
    if (subscribe) prefixes.add(key)
    else prefixes.delete(key)
    this.#count(key, subscribe ? 1 : -1)
  }

  #leave(connection: Connection): void {
    const prefixes = this.#subscribers.get(connection)?.prefixes ?? []
    this.#subscribers.delete(connection)
    this.#version += 1
    for (const key of prefixes) this.#count(key, -1)
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

function hasRoom({ writer: { messages, bytes } }: Subscriber, length: number, limit: number): boolean {
  return bytes + length <= limit || messages < LEAST_MESSAGES
}
