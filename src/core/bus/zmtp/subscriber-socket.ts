import type { SubscriberSocket, SubscriberSocketOptions } from '../carrier.ts'
import { Connector } from './connector.ts'

/** A SUB socket that connects: subscriptions out, messages in. */
export class ZmtpSubscriberSocket implements SubscriberSocket {
  readonly #connector: Connector
  readonly #prefixes = new Set<string>()
  /** The handler of the last message, while it is not done. */
  #handling: Promise<void> = Promise.resolve()

  constructor({ url, prefixes, maxFrame, onLink, onMessage, onNoMessage }: SubscriberSocketOptions) {
    for (const prefix of prefixes) this.#prefixes.add(prefix)
    this.#connector = new Connector({
      url,
      type: 'SUB',
      peers: ['XPUB', 'PUB'],
      expected: "the proxy's side for subscribers",
      maxFrame,
      onLink,
      handlers: {
        onOpen: connection => {
          for (const prefix of this.#prefixes)
            connection.subscribe({ prefix: Buffer.from(prefix), subscribe: true })
        },
        onSubscription: () => {},
        onMessage: (topic, frame) => {
          const handling = onMessage(topic, frame)
          if (handling !== undefined) this.#handling = handling
          return handling
        },
        onNoMessage,
        onWritten: () => {},
        onLost: () => {},
      },
    })
  }

  subscribe(...prefixes: string[]): void {
    for (const prefix of prefixes) {
      this.#prefixes.add(prefix)
      this.#connector.connection?.subscribe({ prefix: Buffer.from(prefix), subscribe: true })
    }
  }

  close(): void {
    this.#connector.close(0)
  }

  get ended(): Promise<void> {
    return this.#handling
  }
}
