import type { TapOptions } from '../client/tap.ts'
import { HANDLE_FRAME, ROOM, ZMQInputClient } from '../client/zmq-input-client.ts'
import { Condition, type WaitOptions } from '../condition.ts'
import type { GroundwireError } from '../errors.ts'
import type { Formatter, ShownMessage } from '../format/formatter.ts'
import { LOSE, PARTS, WHILE_OPEN } from '../role.ts'
import type { Sink } from '../sink/sink.ts'
import { TappedMessage } from './message.ts'
import { Watch, type WatchOptions } from './watch.ts'
import { Writer } from './writer.ts'

export interface RecorderOptions extends Omit<TapOptions, 'onMessage' | 'accounts'> {
  readonly watch: WatchOptions
  /** Opens the destination of the messages, when the role starts. */
  readonly openSink: (options: WaitOptions) => Promise<Sink>
  readonly formatter: Formatter
  /** The name of the form, for the reason of a loss. */
  readonly form: string
  /** Counts by topic the messages that are dropped before they can be written: for a form that tells them. */
  readonly dropped?: Map<string, number>
  /** Take no more once so many messages are shown. Default: without end. */
  readonly count?: number | undefined
  /** Called once if the sink fails, or its reader goes away (null). */
  readonly onSinkEnd?: (error: GroundwireError | null) => void
}

/**
 * A tap that filters messages, observes them, and writes them to a sink: the role of `groundwire tap`.
 *
 * In its ledger, `sent` is what the sink has taken. Messages that it had no time for are `overflow`. Those that have no
 * form, or whose reader has gone, are `undeliverable`.
 */
export class Recorder extends ZMQInputClient {
  readonly watch: Watch
  readonly #options: RecorderOptions
  readonly #condition = new Condition()
  #writer: Writer | undefined
  #sinkEnded = false
  #sinkName = ''
  /** Messages that were dropped in this turn of the event loop. */
  #dropped = 0
  #ended: number | undefined

  constructor(options: RecorderOptions) {
    super({ ...options, xsub: null })
    this.#options = options
    // It accounts for each message by itself.
    this.ledger.hasProcess = false
    this.watch = new Watch(options.watch, this.ledger, shown => this.#show(shown))
    // The sink first: there is a way out before anything comes in.
    this[PARTS].unshift({
      open: wait => this.#open(wait),
      flush: wait => this.#flush(wait),
      close: () => this.#close(),
    })
  }

  /** Whether it has shown as many messages as it was to take. */
  get isComplete(): boolean {
    return this.watch.shown === this.#options.count
  }

  /**
   * The end of the watch, in ms on the monotonic clock. Undefined before it, and if the last message of the count was the
   * end: no silence followed it.
   */
  get ended(): number | undefined {
    return this.#ended
  }

  /**
   * Resolves once as many messages as it was to take are shown and written, or the sink has ended, or the signal aborts.
   * @throws {GroundwireError} CLOSED, also when the role is closed meanwhile
   */
  async run({ signal }: WaitOptions = {}): Promise<void> {
    await this[WHILE_OPEN](
      async wait => {
        await this.#condition.until(() => this.isComplete || this.#sinkEnded, wait)
        await this.#writer?.drain(wait)
      },
      { signal },
    ).catch((error: unknown) => {
      if (!signal?.aborted) throw error
    })
  }

  /** @internal */
  override [HANDLE_FRAME](frame: Buffer, topic: string): void {
    this.watch.take(TappedMessage.seenNow(topic, frame, this.#options.decoding))
  }

  /** @internal */
  override [ROOM](): Promise<void> | undefined {
    return this.#writer?.room()
  }

  async #open(wait: WaitOptions): Promise<void> {
    const { openSink, formatter, form, decoding = 'auto', dropped } = this.#options
    const sink = await openSink(wait)
    this.#sinkName = sink.name
    const options = { sink, formatter, maxMessage: this.maxMessage, decoding }
    this.#writer = new Writer(options, {
      written: (messages, bytes) => {
        this.ledger.sent.messages += messages
        this.ledger.sent.bytes += bytes
      },
      dropped: topic => {
        dropped?.set(topic, (dropped.get(topic) ?? 0) + 1)
        this.#drop()
      },
      unwritable: (topic, reason) =>
        this[LOSE]('undeliverable', `no ${form} for a message of '${topic}': ${reason}`),
      failed: (error, unwritten) => this.#onFailed(error, unwritten),
    })
    await this.#writer.start()
  }

  #show(shown: ShownMessage): void {
    this.#writer?.write(shown)
    if (!this.isComplete) return
    this.stopReading()
    this.#condition.notify()
  }

  /** Counts a message as dropped. An event for each would cost a flooded tap as much as it takes in. */
  #drop(): void {
    if (this.#dropped === 0) setImmediate(() => this.#loseDropped())
    this.#dropped += 1
  }

  #loseDropped(): void {
    const messages = this.#dropped
    this.#dropped = 0
    if (messages > 0)
      this[LOSE]('overflow', `${this.#sinkName} is too slow: the oldest messages are dropped`, { messages })
  }

  /** Takes nothing more: the rest can't be written. */
  #onFailed(error: GroundwireError | null, unwritten: number): void {
    this.ledger.lose('undeliverable', unwritten)
    if (this.#sinkEnded) return
    this.#sinkEnded = true
    this.stopReading()
    this.#condition.notify()
    this.#options.onSinkEnd?.(error)
  }

  /** Sees out what a reader takes in time. The rest is dropped when the role is closed. */
  async #flush(wait: WaitOptions): Promise<void> {
    this.#end()
    await this.#writer?.drain(wait).catch(() => {})
  }

  async #close(): Promise<void> {
    this.#end()
    await this.#writer?.close()
    this.#loseDropped()
  }

  #end(): void {
    if (!this.isComplete) this.#ended ??= performance.now()
  }
}
