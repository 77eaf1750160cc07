import { XPublisher } from 'zeromq'
import type { Backlog, Forwarding, Route, XPubSocket, XPubSocketOptions } from '../carrier.ts'
import { parseSubscription, Subscriptions } from '../subscriptions.ts'
import { bindSocket, removeFiles } from './bind.ts'
import { malformedMessage } from './malformed-message.ts'
import { followPeers } from './peers.ts'
import { sendQueues } from './send-queues.ts'
import { COMMON_OPTIONS, HIGH_WATER_MARK } from './socket-options.ts'

/**
 * Time limit for bytes that the other side's host does not take, in ms. A PING waits behind unsent data, so heartbeats alone would
 * not notice a subscriber that was cut off under load. A subscriber that reads nothing for so long is cut off, too.
 */
const UNACKNOWLEDGED_MS = 20_000

/** A bound XPUB socket of libzmq. It does not tell for which subscribers it drops messages. */
export class LibzmqXPubSocket implements XPubSocket {
  readonly #options: XPubSocketOptions
  // Without noDrop a send never waits: a slow subscriber without room alone misses the message.
  readonly #socket = new XPublisher({
    ...COMMON_OPTIONS,
    sendHighWaterMark: HIGH_WATER_MARK,
    sendTimeout: 0,
    tcpMaxRetransmitTimeout: UNACKNOWLEDGED_MS,
  })
  readonly #subscriptions = new Subscriptions()
  readonly #ports = new Set<number>()
  readonly dropped = undefined
  readonly #bound: string[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(options: XPubSocketOptions) {
    this.#options = options
    followPeers(this.#socket, 'subscriber', event => {
      if (!this.#closed) options.onPeer(event)
    })
  }

  async bind(url: string): Promise<string> {
    const bound = await bindSocket(this.#socket, url)
    this.#bound.push(bound)
    this.#running ??= this.#read()
    const port = /^tcp:.*:(\d+)$/.exec(bound)?.[1]
    if (port !== undefined) this.#ports.add(Number(port))
    return bound
  }

  backlogs(): Promise<Backlog[]> {
    return sendQueues(this.#ports)
  }

  async close(linger: number): Promise<void> {
    this.#closed = true
    this.#socket.linger = linger
    this.#socket.close()
    removeFiles(this.#bound)
    await this.#running
  }

  route(topic: Buffer): Route {
    const bytes = Buffer.from(topic)
    let version = -1
    let heard = false
    return {
      followers: undefined,
      send: ({ frame }): Forwarding => {
        if (version !== this.#subscriptions.version) {
          version = this.#subscriptions.version
          heard = this.#subscriptions.wants(bytes)
        }
        if (heard) this.#socket.send([bytes, frame]).catch(this.#onError)
        return heard ? 'sent' : 'unheard'
      },
    }
  }

  async #read(): Promise<void> {
    const { onSubscription, onNoMessage } = this.#options
    try {
      while (!this.#closed) {
        const frames = await this.#socket.receive()
        const [frame] = frames
        const change = frame !== undefined && frames.length === 1 ? parseSubscription(frame) : undefined
        if (change === undefined) {
          onNoMessage(malformedMessage(frames))
          continue
        }
        this.#subscriptions.apply(change)
        onSubscription(change)
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Closing the socket ends its sends and receives, and XPUB never blocks. Any other error is a defect and must be seen. */
  readonly #onError = (error: unknown): void => {
    if (!this.#closed) throw error
  }
}
