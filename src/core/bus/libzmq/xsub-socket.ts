import { XSubscriber } from 'zeromq'
import type { SubscriptionChange, XSubSocket, XSubSocketOptions } from '../carrier.ts'
import { MessageView } from '../message-view.ts'
import { bindSocket, removeFiles } from './bind.ts'
import { followPeers } from './peers.ts'
import { malformedMessage } from './malformed-message.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK } from './socket-options.ts'

/** A bound XSUB socket of libzmq. */
export class LibzmqXSubSocket implements XSubSocket {
  readonly #options: XSubSocketOptions
  readonly #socket = new XSubscriber({ ...COMMON_OPTIONS, receiveHighWaterMark: HIGH_WATER_MARK })
  readonly #bound: string[] = []
  #running: Promise<void> | undefined
  #sending: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: XSubSocketOptions) {
    this.#options = options
    followPeers(this.#socket, 'publisher', event => {
      if (!this.#closed) options.onPeer(event)
    })
  }

  async bind(url: string): Promise<string> {
    // ZeroMQ allows no send while it binds: a subscription that comes meanwhile waits.
    const binding = this.#sending.then(() => bindSocket(this.#socket, url))
    this.#sending = binding.then(
      () => {},
      () => {},
    )
    const bound = await binding
    this.#bound.push(bound)
    this.#running ??= this.#read()
    return bound
  }

  send({ prefix, subscribe }: SubscriptionChange): void {
    const frame = Buffer.concat([Buffer.of(subscribe ? 1 : 0), prefix])
    // ZeroMQ allows one send at a time.
    this.#sending = this.#sending.then(() => this.#socket.send(frame)).catch(this.#onError)
  }

  async close(linger: number): Promise<void> {
    this.#closed = true
    this.#socket.linger = linger
    this.#socket.close()
    removeFiles(this.#bound)
    await this.#running
  }

  async #read(): Promise<void> {
    const { onMessage, onNoMessage } = this.#options
    try {
      while (!this.#closed) {
        const frames = await this.#socket.receive()
        const [topic, frame] = frames
        if (topic === undefined || frame === undefined || frames.length !== 2)
          onNoMessage(malformedMessage(frames))
        else void onMessage(MessageView.of(topic, frame))
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Closing the socket ends its sends and receives. Any other error is a defect and must be seen. */
  readonly #onError = (error: unknown): void => {
    if (!this.#closed) throw error
  }
}
