import type { PublisherSocket, PublisherSocketOptions } from '../carrier.ts'
import { Subscriptions } from '../subscriptions.ts'
import { Connector } from './connector.ts'
import type { Security } from './security.ts'

/** Bytes that may be handed over and not have gone; a message that is larger goes when nothing else waits. */
const MAX_BYTES_IN_FLIGHT = 1024 * 1024
/** A proxy says little to a publisher: its subscriptions, and what it waits for. */
const MAX_FRAME = 64 * 1024

/** An XPUB socket that connects: messages out, subscriptions and the proxy's answers in. */
export class ZmtpPublisherSocket implements PublisherSocket {
  readonly #maxInFlight: number
  readonly #connector: Connector
  /** Prefixes that the proxy has asked for on behalf of its subscribers. */
  #subscriptions = new Subscriptions()

  constructor(
    { url, maxInFlight, onLink, onSubscription, onMessage, onWritable, onRevival }: PublisherSocketOptions,
    security?: Security,
  ) {
    this.#maxInFlight = maxInFlight
    this.#connector = new Connector({
      url,
      security,
      type: 'XPUB',
      peers: ['XSUB', 'SUB'],
      expected: "the proxy's side for publishers",
      maxFrame: MAX_FRAME,
      onLink,
      handlers: {
        onOpen: () => {},
        onSubscription: change => {
          this.#subscriptions.apply(change)
          onSubscription(change)
        },
        onMessage,
        onNoMessage: () => {},
        onWritten: onWritable,
        onRevival,
        onLost: () => {
          // Nobody is asked for any more; who still wants to be will ask again.
          const lost = this.#subscriptions
          this.#subscriptions = new Subscriptions()
          for (const prefix of lost.prefixes()) onSubscription({ prefix, subscribe: false })
        },
      },
    })
  }

  send(topic: Buffer, frame: Uint8Array): boolean {
    const writer = this.#connector.connection?.writer
    if (writer === undefined || writer.messages >= this.#maxInFlight) return false
    if (writer.messages > 0 && writer.bytes + frame.length > MAX_BYTES_IN_FLIGHT) return false
    writer.message(topic, frame)
    return true
  }

  get flushed(): boolean {
    return (this.#connector.connection?.writer.bytes ?? 0) === 0
  }

  close(linger: number): void {
    this.#connector.close(linger)
  }
}
