import { setTimeout as after } from 'node:timers/promises'
import { Subscriber } from 'zeromq'
import { Condition, unlessAborted, type WaitOptions } from '../../condition.ts'
import { untilQuiet } from '../../until-quiet.ts'
import { READ_AHEAD, type SubscriberSocket, type SubscriberSocketOptions } from '../carrier.ts'
import type { LinkState } from '../link.ts'
import { MessageView } from '../message-view.ts'
import { followLink } from './link.ts'
import { malformedMessage } from './malformed-message.ts'
import {
  COMMON_OPTIONS,
  HIGH_WATER_MARK,
  keyOptions,
  needsIPv6,
  RECONNECT_OPTIONS,
} from './socket-options.ts'

/** Pause after which nothing is on its way through libzmq any more, in ms; and most pauses to wait for while more comes. */
const HAND_OVER_MS = 10
const MOST_PAUSES = 10

/** A connecting SUB socket of libzmq. */
export class LibzmqSubscriberSocket implements SubscriberSocket {
  readonly #options: SubscriberSocketOptions
  readonly #socket: Subscriber
  readonly #link: LinkState
  /** Settles once the handlers of the last message, and of all held behind it, are done. */
  #handling: Promise<void> | undefined
  /** Messages that came while a handler was busy: only a draining socket reads on then. */
  #held: Buffer[][] = []
  readonly #condition = new Condition()
  #bytesRead = 0
  /** Messages are read while a handler is not done. */
  #isAhead = false
  /** Reads what has arrived, for a drain: done once, however many drains wait for it. */
  #reading: Promise<void> | undefined
  #closed = false

  static async open(options: SubscriberSocketOptions): Promise<LibzmqSubscriberSocket> {
    return new LibzmqSubscriberSocket(options, await needsIPv6(options.url))
  }

  private constructor(options: SubscriberSocketOptions, ipv6: boolean) {
    this.#options = options
    this.#socket = new Subscriber({
      ...COMMON_OPTIONS,
      ...RECONNECT_OPTIONS,
      ...keyOptions(options.keys),
      ipv6,
      receiveHighWaterMark: HIGH_WATER_MARK,
    })
    this.#link = followLink(this.#socket, options.url, options.keys !== undefined, event =>
      options.onLink(event),
    )
    this.#socket.subscribe(...options.prefixes)
    this.#socket.connect(options.url)
    void this.#read()
  }

  subscribe(...prefixes: string[]): void {
    if (!this.#closed) this.#socket.subscribe(...prefixes)
  }

  unsubscribe(...prefixes: string[]): void {
    if (!this.#closed) this.#socket.unsubscribe(...prefixes)
  }

  async drain(options?: WaitOptions): Promise<void> {
    this.#reading ??= this.#readAhead()
    await unlessAborted(this.#reading, options)
    while (this.#handling !== undefined) await unlessAborted(this.#handling, options)
  }

  close(): void {
    this.#closeSocket()
    for (const frames of this.#held.splice(0)) void this.#hand(frames)
  }

  async #readAhead(): Promise<void> {
    this.#isAhead = true
    this.#condition.notify()
    await this.#untilQuiet()
    this.#closeSocket()
  }

  /** Waits until all messages that have arrived are read. A thread of libzmq hands them over, which may take some ms. */
  async #untilQuiet(): Promise<void> {
    const start = this.#bytesRead
    let before: number
    let pauses = 0
    do {
      before = this.#bytesRead
      await untilQuiet(() => this.#bytesRead, READ_AHEAD - (before - start))
      await after(HAND_OVER_MS)
    } while (this.#bytesRead !== before && this.#bytesRead - start < READ_AHEAD && ++pauses < MOST_PAUSES)
  }

  #closeSocket(): void {
    if (this.#closed) return
    this.#closed = true
    this.#link.close()
    this.#socket.close()
    this.#condition.notify()
  }

  async #read(): Promise<void> {
    try {
      while (!this.#closed) {
        this.#take(await this.#socket.receive())
        if (this.#handling !== undefined)
          await this.#condition.until(() => this.#handling === undefined || this.#isAhead || this.#closed)
      }
    } catch (error) {
      // Closing the socket ends its receive. Anything else is a defect and must be seen.
      if (!this.#closed) throw error
    }
  }

  #take(frames: Buffer[]): void {
    for (const { length } of frames) this.#bytesRead += length
    if (this.#handling !== undefined) {
      this.#held.push(frames)
      return
    }
    const handling = this.#hand(frames)
    if (handling !== undefined) this.#handling = this.#seeOut(handling)
  }

  /** Waits for a handler, and hands on the messages held behind it, one after the other. */
  async #seeOut(handling: Promise<void>): Promise<void> {
    await handling
    for (let frames = this.#held.shift(); frames !== undefined; frames = this.#held.shift())
      await this.#hand(frames)
    this.#handling = undefined
    this.#condition.notify()
  }

  #hand(frames: readonly Buffer[]): void | Promise<void> {
    const { maxFrame, onMessage, onNoMessage } = this.#options
    const [topic, frame] = frames
    const oversize = frames.some(({ length }) => length > maxFrame)
    if (topic === undefined || frame === undefined || frames.length !== 2 || oversize)
      onNoMessage(malformedMessage(frames, oversize))
    else return onMessage(MessageView.of(topic, frame))
  }
}
