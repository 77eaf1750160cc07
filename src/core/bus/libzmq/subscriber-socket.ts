import { Subscriber } from 'zeromq'
import type { SubscriberSocket, SubscriberSocketOptions } from '../carrier.ts'
import type { LinkState } from '../link.ts'
import { followLink } from './link.ts'
import { noMessage } from './no-message.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK, needsIPv6, RECONNECT_OPTIONS } from './socket-options.ts'

/** A SUB socket of libzmq that connects. */
export class LibzmqSubscriberSocket implements SubscriberSocket {
  readonly #options: SubscriberSocketOptions
  readonly #socket: Subscriber
  readonly #link: LinkState
  readonly ended: Promise<void>
  #closed = false

  static async open(options: SubscriberSocketOptions): Promise<LibzmqSubscriberSocket> {
    return new LibzmqSubscriberSocket(options, await needsIPv6(options.url))
  }

  private constructor(options: SubscriberSocketOptions, ipv6: boolean) {
    this.#options = options
    this.#socket = new Subscriber({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      ipv6,
      receiveHighWaterMark: HIGH_WATER_MARK,
    })
    this.#link = followLink(this.#socket, options.url, event => options.onLink(event))
    this.#socket.subscribe(...options.prefixes)
    this.#socket.connect(options.url)
    this.ended = this.#read()
  }

  subscribe(...prefixes: string[]): void {
    this.#socket.subscribe(...prefixes)
  }

  close(): void {
    this.#closed = true
    this.#link.close()
    this.#socket.close()
  }

  async #read(): Promise<void> {
    try {
      while (!this.#closed) {
        const handling = this.#take(await this.#socket.receive())
        if (handling !== undefined) await handling
      }
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }

  #take(frames: readonly Buffer[]): void | Promise<void> {
    const { maxFrame, onMessage, onNoMessage } = this.#options
    const [topic, frame] = frames
    const oversize = frames.some(({ length }) => length > maxFrame)
    if (topic === undefined || frame === undefined || frames.length !== 2 || oversize)
      onNoMessage(noMessage(frames, oversize))
    else return onMessage(topic, frame)
  }
}
