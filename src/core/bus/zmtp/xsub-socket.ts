import type { AdmittedKey } from '../../security/keys.ts'
import type { PeerLink, SubscriptionChange, XSubSocket, XSubSocketOptions } from '../carrier.ts'
import { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import type { Resources } from './resources.ts'
import type { Security } from './security.ts'
import { SubscriptionFeed } from './subscription-feed.ts'

/** Cancellations that wait for publishers that do not read, as a multiple of all subscriptions. */
const CANCELLED_SHARE = 4

/** An XSUB socket that publishers connect to: messages in, subscriptions out to all of them. */
export class ZmtpXSubSocket implements XSubSocket {
  readonly #listener: Listener
  readonly #feed: SubscriptionFeed

  constructor(
    { onPeer, onLeft, admitAfterMs, onMessage, onNoMessage }: XSubSocketOptions,
    resources: Resources,
    security?: Security,
  ) {
    const { limits } = resources
    this.#feed = new SubscriptionFeed(CANCELLED_SHARE * limits['all-subscriptions'].value)
    this.#listener = new Listener({
      type: 'XSUB',
      security,
      peers: ['PUB', 'XPUB'],
      maxFrame: limits.frame.value,
      expected: 'a publisher',
      resources,
      onPeer,
      admitAfterMs,
      handlers: {
        onOpen: connection => this.#feed.join(connection),
        onLeft: connection => {
          this.#feed.leave(connection)
          onLeft(connection)
          return 0
        },
        onSubscription: () => {},
        onMessage,
        onNoMessage,
        onWritten: connection => this.#feed.tell(connection),
      },
    })
  }

  bind(url: string): Promise<string> {
    return this.#listener.bind(url)
  }

  send(change: SubscriptionChange): void {
    this.#feed.change(change)
  }

  answer(link: PeerLink, topic: Buffer, frame: Buffer): void {
    if (link instanceof Connection && !link.writer.backedUp) link.writer.message(topic, frame)
  }

  dismiss(isDismissed: (key: AdmittedKey) => boolean): void {
    this.#listener.dismiss(isDismissed)
  }

  close(linger: number): Promise<void> {
    return this.#listener.close(linger)
  }
}
