import { unlessAborted, type WaitOptions } from '../../condition.ts'
import { untilQuiet } from '../../until-quiet.ts'
import { READ_AHEAD, type SubscriberSocket, type SubscriberSocketOptions } from '../carrier.ts'
import type { Connection } from './connection.ts'
import { Connector } from './connector.ts'
import type { Security } from './security.ts'

/** A SUB socket that connects: subscriptions out, messages in. */
export class ZmtpSubscriberSocket implements SubscriberSocket {
  readonly #connector: Connector
  readonly #prefixes = new Set<string>()
  /** The handler of the last message, while it is not done. */
  #handling: Promise<void> = Promise.resolve()
  /** Reads what has arrived, for a drain: done once, however many drains wait for it. */
  #reading: Promise<void> | undefined

  constructor(
    { url, prefixes, maxFrame, onLink, onMessage, onNoMessage }: SubscriberSocketOptions,
    security?: Security,
  ) {
    for (const prefix of prefixes) this.#prefixes.add(prefix)
    this.#connector = new Connector({
      url,
      security,
      type: 'SUB',
      peers: ['XPUB', 'PUB'],
      expected: "the proxy's side for subscribers",
      maxFrame,
      onLink,
      handlers: {
        onOpen: connection => {
          // A connection that comes while it drains is asked for nothing.
          if (this.#reading !== undefined) return
          for (const prefix of this.#prefixes)
            connection.subscribe({ prefix: Buffer.from(prefix), subscribe: true })
        },
        onSubscription: () => {},
        onMessage: message => {
          const handling = onMessage(message)
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

  unsubscribe(...prefixes: string[]): void {
    for (const prefix of prefixes) {
      this.#prefixes.delete(prefix)
      this.#connector.connection?.subscribe({ prefix: Buffer.from(prefix), subscribe: false })
    }
  }

  async drain(options?: WaitOptions): Promise<void> {
    const { connection } = this.#connector
    this.#reading ??= this.#readAhead(connection)
    await unlessAborted(this.#reading, options)
    const isHandling = () => connection?.isHandling === true
    while (isHandling()) await unlessAborted(this.#handling, options)
  }

  close(): void {
    this.#connector.close(0)
  }

  async #readAhead(connection: Connection | undefined): Promise<void> {
    connection?.read('ahead')
    await untilQuiet(() => connection?.bytesRead ?? 0, READ_AHEAD)
    connection?.read('no more')
  }
}
