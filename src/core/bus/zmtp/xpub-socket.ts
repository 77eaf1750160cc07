import { RESERVED_PREFIX } from '../announcement.ts'
import type { Backlog, Route, SubscriptionChange, XPubSocket, XPubSocketOptions } from '../carrier.ts'
import type { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import { type Asker, type Askers, ZmtpRoute } from './route.ts'
import type { Writer } from './writer.ts'

/** A subscriber has nothing to send but what it asks for. */
const MAX_FRAME = 64 * 1024

/** Addresses of subscribers whose dropped messages are counted one by one. */
const MAX_DROPPED = 1_024
const OTHERS = '(others)'

class Subscriber implements Asker {
  readonly writer: Writer
  readonly peer: string
  /** Prefixes of messages that it asks for, as Latin-1, and reserved ones. */
  readonly #prefixes = new Set<string>()
  readonly #reserved = new Set<string>()
  epoch = 0

  constructor(writer: Writer, peer: string) {
    this.writer = writer
    this.peer = peer
  }

  get prefixes(): Iterable<string> {
    return [...this.#prefixes, ...this.#reserved]
  }

  /** @returns whether that changes anything: a second subscription to the same prefix is none */
  change(prefix: string, subscribe: boolean): boolean {
    const isReserved = prefix.startsWith(RESERVED_PREFIX)
    const prefixes = isReserved ? this.#reserved : this.#prefixes
    if (prefixes.has(prefix) === subscribe) return false
    if (subscribe) prefixes.add(prefix)
    else prefixes.delete(prefix)
    if (isReserved && !subscribe) this.epoch += 1
    return true
  }

  asks(topic: string): boolean {
    return beginsWithOneOf(this.#prefixes, topic)
  }

  follows(topic: string): boolean {
    return beginsWithOneOf(this.#reserved, topic)
  }
}

function beginsWithOneOf(prefixes: ReadonlySet<string>, topic: string): boolean {
  for (const prefix of prefixes) if (topic.startsWith(prefix)) return true
  return false
}

/** An XPUB socket that subscribers connect to: subscriptions in, to each the messages that it asks for out. */
export class ZmtpXPubSocket implements XPubSocket, Askers {
  readonly dropped = new Map<string, number>()
  readonly #listener: Listener
  readonly #onSubscription: (change: SubscriptionChange) => void
  readonly #subscribers = new Map<Connection, Subscriber>()
  /** How many ask for a prefix. */
  readonly #counts = new Map<string, number>()
  version = 0

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
          this.#subscribers.set(connection, new Subscriber(connection.writer, peer))
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

  route(topic: Buffer): Route {
    return new ZmtpRoute(this, Buffer.from(topic))
  }

  get all(): Iterable<Subscriber> {
    return this.#subscribers.values()
  }

  drop({ peer }: Subscriber): void {
    const key = this.dropped.has(peer) || this.dropped.size < MAX_DROPPED ? peer : OTHERS
    this.dropped.set(key, (this.dropped.get(key) ?? 0) + 1)
  }

  #change({ prefix, subscribe }: SubscriptionChange, connection: Connection): void {
    const key = prefix.toString('latin1')
    if (this.#subscribers.get(connection)?.change(key, subscribe) !== true) return
    this.version += 1
    this.#count(key, subscribe ? 1 : -1)
  }

  #leave(connection: Connection): void {
    const prefixes = this.#subscribers.get(connection)?.prefixes ?? []
    this.#subscribers.delete(connection)
    this.version += 1
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
