import type { ListenerOptions } from '../bus/subscriptions.ts'
import type { Wait } from '../bus/flow-message.ts'
import { deadline, type WaitOptions } from '../condition.ts'
import { BUS, PUBLISH_FRAME, PUBLISHER, ZMQClient, type ZMQClientOptions } from '../client/zmq-client.ts'
import { DEFAULT_XSUB_URL } from '../endpoint.ts'
import { type ErrorCode, GroundwireError } from '../errors.ts'
import { count, type LossCause } from '../ledger.ts'
import type { Pacer } from '../pacing/pacer.ts'
import { LOSE, PARTS } from '../role.ts'
import { Confirmation } from './confirmation.ts'
import type { Batches } from './input.ts'
import type { Outgoing } from './outgoing.ts'

/** Topics that are kept in mind; what comes under further ones is looked at anew. */
const MAX_TOPICS = 4096
/** Minimum time for the bus to take some of the messages in hand, in ms. */
const FLUSH_MS = 2_000
/** Longest time for a connection and its subscriptions when the proxy is there, in ms: for a wait of 0. */
const MOMENT_MS = 1_000

/** The loss that an unreadable message, which ends the stream, counts as. */
const CAUSE_OF: Partial<Record<ErrorCode, LossCause>> = {
  OVERSIZE: 'oversize',
  MALFORMED: 'malformed',
  TRUNCATED: 'malformed',
  NOT_ENCODABLE: 'undeliverable',
}

export interface PublicationOptions extends ZMQClientOptions {
  /** Time to wait for a listener, and for an echo, in ms. 0 is the moment that it takes to see one who is there: 1 s at most. */
  readonly wait: number
  /** A subscriber that asked for everything is no listener. */
  readonly exact?: boolean
  /** Listen to the messages at `xpub`, to know by their echo that they have passed the proxy. Default false. */
  readonly confirm?: boolean
  /**
   * Go no faster than the subscribers take messages, where the proxy can tell. Called about once a second while the proxy waits for
   * one of them. Default: the proxy drops for a subscriber that is too slow.
   */
  readonly onWait?: ((wait: Wait) => void) | undefined
  /** When each message goes out. Default: as soon as the bus takes it. */
  readonly pacer?: Pacer | undefined
  /** Told once of a further topic that nobody asked for in time. */
  readonly onUnheard?: (topic: string) => void
}

/** Publishes a stream of messages, none of them before somebody listens: the role of `groundwire publish`. */
export class Publication extends ZMQClient {
  readonly #options: PublicationOptions
  readonly #wait: number
  readonly #confirmation: Confirmation | undefined
  /** Topics of which it is known whether somebody listens. */
  readonly #known = new Set<string>()
  /** Until when further topics are waited for, on the monotonic clock. */
  #deadline = 0
  #begun = false

  constructor(options: PublicationOptions) {
    super(options)
    this.#options = options
    this.#wait = options.wait === 0 ? MOMENT_MS : options.wait
    // It hands on what it is given, and processes nothing.
    this.ledger.hasProcess = false
    if (options.onWait !== undefined) this[PUBLISHER].flow.ask(options.onWait)
    if (options.confirm !== true) return
    const confirmation = new Confirmation({
      bus: this[BUS],
      wait: this.#wait,
      publisher: this[PUBLISHER],
      onLink: event => this.emit('link', { ...event, side: 'xpub' }),
    })
    this.ledger.addSection('confirmed', () => confirmation.confirmed)
    this.#confirmation = confirmation
    this[PARTS].push({ open: () => confirmation.open(), close: () => confirmation.close() })
  }

  /**
   * Waits until somebody listens to a topic, and with `confirm` until its echo can be heard.
   *
   * Until the first message is out, that is waited for `wait` ms. All further topics share `wait` ms from then on.
   * @returns whether somebody does
   * @throws {GroundwireError} NO_PROXY, NO_SUBSCRIBER, where nothing has been published yet; UNCONFIRMED
   */
  async ready(topic: string, { signal }: WaitOptions = {}): Promise<boolean> {
    if (!this.#begun) this.#deadline = performance.now() + this.#wait
    if (!this.#listened(topic)) {
      const left = Math.max(0, this.#deadline - performance.now())
      const options = { ...this.#listeners(), signal: deadline(left, { signal }) }
      const heard = await this.heard(topic, options).then(
        () => true,
        () => false,
      )
      if (!heard && !this.#begun && !signal?.aborted) throw this.#nobody(topic)
      if (!heard) return false
    }
    if (this.#confirmation?.follows(topic) === false) await this.#confirmation.follow(topic, { signal })
    return true
  }

  /**
   * Publishes all messages, each topic's as soon as it is {@link ready}, and each when the pacer says. Ends early when the
   * signal aborts.
   * @throws {FormatError} and whatever else the messages end with, once all before it are published
   */
  async run(batches: Batches, options: WaitOptions = {}): Promise<void> {
    const { signal } = options
    try {
      for await (const batch of batches) {
        for (const message of batch) {
          // Nothing is awaited that need not be: a promise for each message would be half of its cost.
          const wait = this.#before(message, options)
          if (wait !== undefined) await wait
          if (signal?.aborted) return
          if (!this.#put(message)) await this.writable(options)
        }
        if (signal?.aborted) return
      }
    } catch (error) {
      if (signal?.aborted) return
      const cause = error instanceof GroundwireError ? CAUSE_OF[error.code] : undefined
      if (cause !== undefined) {
        count(this.ledger.received, 0)
        this.ledger.lose(cause)
      }
      throw error
    }
  }

  /** Counts a message that has nothing to publish. */
  skip(reason: string): void {
    count(this.ledger.received, 0)
    this[LOSE]('undeliverable', reason)
  }

  /** Sees out what is in hand, for as long as the bus takes some of it, or the proxy waits for a subscriber. @returns whether it took all */
  async flush({ signal }: WaitOptions = {}): Promise<boolean> {
    const patience = Math.max(this.#wait, FLUSH_MS)
    for (;;) {
      const { balance } = this.ledger
      const { signs } = this[PUBLISHER].flow
      const flushed = await this.drain({ signal: deadline(patience, { signal }) }).then(
        () => true,
        () => false,
      )
      const isStill = this.ledger.balance === balance && this[PUBLISHER].flow.signs === signs
      if (flushed || signal?.aborted || isStill) return flushed
    }
  }

  /**
   * With `confirm`, resolves once all messages are known to have passed the proxy. It waits for as long as echoes come:
   * after `wait` ms without one it gives up.
   * @throws {GroundwireError} UNCONFIRMED, also where the signal aborts before that
   */
  async confirm(options?: WaitOptions): Promise<void> {
    await this.#confirmation?.confirm(options)
  }

  /** The wait of a message before it may go, if there is one. */
  #before({ topic = this.name, time }: Outgoing, options: WaitOptions): Promise<void> | undefined {
    const isNew = !this.#known.has(topic)
    if (isNew || this.#confirmation !== undefined) return this.#prepare(topic, time, isNew, options)
    return this.#options.pacer?.next(time, options)
  }

  async #prepare(
    topic: string,
    time: bigint | undefined,
    isNew: boolean,
    options: WaitOptions,
  ): Promise<void> {
    if (isNew) await this.#meet(topic, options)
    const confirmation = this.#confirmation
    if (confirmation !== undefined) {
      // It may have found a listener since.
      if (!confirmation.follows(topic) && this.#listened(topic)) await confirmation.follow(topic, options)
      await confirmation.room(options)
    }
    this.#begun = true
    await this.#options.pacer?.next(time, options)
  }

  async #meet(topic: string, options: WaitOptions): Promise<void> {
    if (this.#known.size >= MAX_TOPICS) this.#known.clear()
    this.#known.add(topic)
    const heard = await this.ready(topic, options)
    if (!heard && !options.signal?.aborted) this.#options.onUnheard?.(topic)
  }

  #put({ topic = this.name, frame, size }: Outgoing): boolean {
    count(this.ledger.received, size)
    if (this.#confirmation?.follows(topic) === false) {
      // Another topic's echo, by a prefix of this one's name, would make it heard that nobody asked for.
      this.ledger.unheard += 1
      return true
    }
    this.#confirmation?.expect(topic, frame)
    return this[PUBLISH_FRAME](frame, topic, size)
  }

  #listened(topic: string): boolean {
    return this.hears(topic, this.#listeners())
  }

  #listeners(): ListenerOptions {
    const own = this.#confirmation?.own
    return { exact: this.#options.exact ?? false, ...(own && { except: own }) }
  }

  #nobody(topic: string): GroundwireError {
    const url = this.#options.xsub ?? DEFAULT_XSUB_URL
    if (this.isConnected) {
      return new GroundwireError(
        'NO_SUBSCRIBER',
        `no subscriber asked for '${topic}' within ${this.#seconds}`,
        {
          hint: `the proxy at ${url} is there; nothing was sent`,
        },
      )
    }
    return new GroundwireError('NO_PROXY', `no proxy at ${url} within ${this.#seconds}`, {
      hint: 'nothing was sent',
    })
  }

  get #seconds(): string {
    return `${this.#wait / 1000} s`
  }
}
