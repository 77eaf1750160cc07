import { XPublisher } from 'zeromq'
import type { PublisherSocket, PublisherSocketOptions } from '../carrier.ts'
import type { LinkState } from '../link.ts'
import { MessageView } from '../message-view.ts'
import { parseSubscription } from '../subscriptions.ts'
import { followLink } from './link.ts'
import { COMMON_OPTIONS, keyOptions, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'

/** Wait before another attempt on a full pipe, in ms. */
const RETRY_MS = 1
/** Most messages in one turn of the event loop, so that other work has its turn too. */
const MESSAGES_PER_TURN = 256

/** A connecting XPUB socket of libzmq. It takes one message at a time, to keep their order. */
export class LibzmqPublisherSocket implements PublisherSocket {
  readonly #options: PublisherSocketOptions
  readonly #socket: XPublisher
  readonly #link: LinkState
  readonly #parts: [Buffer, Uint8Array] = [Buffer.alloc(0), Buffer.alloc(0)]
  /** ZeroMQ has neither taken nor refused the message in `#parts` yet. */
  #inFlight = false
  /** There was no room for the message, and it has to be sent again. */
  #refused = false
  #retryTimer: NodeJS.Timeout | undefined
  #sentThisTurn = 0
  #closed = false

  static async open(options: PublisherSocketOptions): Promise<LibzmqPublisherSocket> {
    return new LibzmqPublisherSocket(options, await needsIPv6(options.url))
  }

  private constructor(options: PublisherSocketOptions, ipv6: boolean) {
    this.#options = options
    this.#socket = new XPublisher({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      ...keyOptions(options.keys),
      ipv6,
      sendHighWaterMark: options.maxInFlight,
      noDrop: true,
      sendTimeout: 0,
      // No pipe before there is a peer: it would buffer messages that can't be counted.
      immediate: true,
    })
    this.#link = followLink(this.#socket, options.url, options.keys !== undefined, event => {
      options.onLink(event)
      if (event.type === 'connected' && this.#refused) this.#attempt()
    })
    this.#socket.connect(options.url)
    void this.#followSubscriptions()
  }

  send(topic: Buffer, frame: Uint8Array): boolean {
    if (this.#inFlight || this.#link.state !== 'connected') return false
    this.#inFlight = true
    this.#parts[0] = topic
    this.#parts[1] = frame
    this.#attempt()
    return true
  }

  get flushed(): boolean {
    return !this.#inFlight
  }

  close(linger: number): void {
    this.#closed = true
    this.#link.close()
    clearTimeout(this.#retryTimer)
    this.#socket.linger = linger
    this.#socket.close()
  }

  readonly #attempt = (): void => {
    // While the proxy is away there is no pipe. The connected event makes the next attempt.
    if (this.#closed || this.#link.state !== 'connected') return
    clearTimeout(this.#retryTimer)
    this.#refused = false
    this.#socket.send(this.#parts).then(this.#onSent, this.#onRejected)
  }

  readonly #onSent = (): void => {
    if (++this.#sentThisTurn < MESSAGES_PER_TURN) this.#ready()
    else {
      this.#sentThisTurn = 0
      setImmediate(this.#ready)
    }
  }

  readonly #ready = (): void => {
    this.#inFlight = false
    if (!this.#closed) this.#options.onWritable()
  }

  /** The pipe is full, and ZeroMQ has taken no part of the message. As no event tells of room, try again later. */
  readonly #onRejected = (): void => {
    this.#refused = true
    this.#retryTimer = setTimeout(this.#attempt, RETRY_MS)
  }

  async #followSubscriptions(): Promise<void> {
    try {
      for (;;) {
        const [first, second] = await this.#socket.receive()
        if (first === undefined) continue
        if (second !== undefined) {
          this.#options.onMessage(MessageView.of(first, second))
          continue
        }
        const change = parseSubscription(first)
        if (change !== undefined) this.#options.onSubscription(change)
      }
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }
}
