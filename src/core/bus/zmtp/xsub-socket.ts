import type { SubscriptionChange, XSubSocket, XSubSocketOptions } from '../carrier.ts'
import type { Connection } from './connection.ts'
import { Listener } from './listener.ts'

/** The largest frame that a broker forwards, in bytes: 256 MiB. */
const MAX_FRAME = 256 * 1024 * 1024
/** Subscriptions that a publisher has not read, in bytes: with more, it is cut off, as none of them may be left out. */
const MAX_WAITING = 8 * 1024 * 1024

/** An XSUB socket that publishers connect to: messages in, subscriptions out to all of them. */
export class ZmtpXSubSocket implements XSubSocket {
  readonly #listener: Listener
  readonly #publishers = new Set<Connection>()
  /** What is asked for, by its bytes as Latin-1. */
  readonly #prefixes = new Map<string, SubscriptionChange>()

  constructor({ onPeer, onLeft, admitAfterMs, onMessage, onNoMessage }: XSubSocketOptions) {
    this.#listener = new Listener({
      type: 'XSUB',
      peers: ['PUB', 'XPUB'],
      maxFrame: MAX_FRAME,
      expected: 'a publisher',
      onPeer,
      admitAfterMs,
      handlers: {
        onOpen: connection => {
          this.#publishers.add(connection)
          for (const change of this.#prefixes.values()) connection.subscribe(change)
        },
        onLeft: connection => {
          this.#publishers.delete(connection)
          onLeft(connection)
        },
        onSubscription: () => {},
        onMessage,
        onNoMessage,
        onWritten: () => {},
      },
    })
  }

  bind(url: string): Promise<string> {
    return this.#listener.bind(url)
  }

  send({ prefix, subscribe }: SubscriptionChange): void {
    const key = prefix.toString('latin1')
    const change = { prefix: Buffer.from(prefix), subscribe }
    if (subscribe) this.#prefixes.set(key, change)
    else this.#prefixes.delete(key)
    for (const publisher of this.#publishers) {
      publisher.subscribe(change)
      if (publisher.writer.bytes > MAX_WAITING) publisher.fail('it does not read its subscriptions')
    }
  }

  close(linger: number): Promise<void> {
    return this.#listener.close(linger)
  }
}
