import { BoundedQueue } from '../core/bounded-queue.ts'
import { Condition, type WaitOptions } from '../core/condition.ts'
import { GroundwireError } from '../core/errors.ts'
import { ByteBuilder } from '../core/format/byte-builder.ts'
import type { Formatter, ShownMessage } from '../core/format/formatter.ts'
import { type Sink, WriteError } from '../core/sink/sink.ts'

/** What may wait for a slow reader, in bytes; the oldest messages go first. A larger --max-message raises it. */
const QUEUE_BYTES = 16 * 1024 * 1024
/** What a message takes in memory beyond its frame, in bytes: its objects, and ZeroMQ's. */
const OVERHEAD = 512
/** How much goes out in one write. */
const CHUNK_BYTES = 64 * 1024

interface Entry {
  readonly shown: ShownMessage
  readonly size: number
}

export interface OutputEvents {
  /** A message has been handed to the reader's side. */
  readonly written: (shown: ShownMessage) => void
  /** A message was dropped, as the reader is too slow. */
  readonly dropped: (shown: ShownMessage) => void
  /** A message has no form here: `reason` says why. */
  readonly unwritable: (shown: ShownMessage, reason: string) => void
  /** The reader has gone (null) or the sink failed, and so many messages were not written for it. More may follow. */
  readonly closed: (error: GroundwireError | null, unwritten: number) => void
}

/**
 * Writes messages to a reader that may be slow, or go away. It never waits: what the reader has not taken is kept, as it
 * came, up to a limit, and then dropped, whole messages, oldest first. A message gets its form only when it is its turn:
 * one that is dropped costs nothing, and leaves no hole in the form. Small messages share a write.
 */
export class Output {
  readonly #sink: Sink
  readonly #formatter: Formatter
  readonly #events: OutputEvents
  readonly #queue: BoundedQueue<Entry>
  readonly #chunk = new ByteBuilder()
  readonly #condition = new Condition()
  /** The messages of the chunk, and where in it each ends. */
  #batch: ShownMessage[] = []
  #ends: number[] = []
  #running: Promise<void> | undefined
  #scheduled = false
  #state: 'open' | 'failed' | 'closed' = 'open'

  /** @param maxMessage the largest payload there may be: two of them fit in the queue */
  constructor(sink: Sink, formatter: Formatter, maxMessage: number, events: OutputEvents) {
    this.#sink = sink
    this.#formatter = formatter
    this.#events = events
    const bytes = Math.max(QUEUE_BYTES, 2 * (maxMessage + OVERHEAD))
    const limits = { messages: Number.POSITIVE_INFINITY, bytes }
    this.#queue = new BoundedQueue(limits, entry => events.dropped(entry.shown))
  }

  /** Writes what the form begins with. */
  start(): Promise<void> {
    this.#running = this.#guarded(async () => {
      this.#formatter.begin?.(this.#chunk)
      await this.#writeChunk()
    })
    return this.#running
  }

  /** Queues one message. */
  write(shown: ShownMessage): void {
    if (this.#state !== 'open') return this.#events.closed(null, 1)
    this.#queue.push({ shown, size: shown.message.frame.length + OVERHEAD })
    if (this.#running !== undefined || this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#running ??= this.#guarded(() => this.#writeQueue())
    })
  }

  /** Resolves when everything has been handed to the sink, or that has failed. */
  drain(options?: WaitOptions): Promise<void> {
    const idle = () => this.#queue.length === 0 && this.#running === undefined
    return this.#condition.until(() => this.#state !== 'open' || idle(), options)
  }

  /** Ends the output: what is still queued is dropped, and the form's end is written where the sink takes it. */
  async close(): Promise<void> {
    const idle = this.#state === 'open' && this.#running === undefined && this.#queue.length === 0
    if (idle) await this.#guarded(() => this.#end())
    if (this.#state === 'open') this.#state = 'closed'
    for (const { shown } of this.#queue.clear()) this.#events.dropped(shown)
    await this.#sink.close()
    await this.#running
  }

  /** Runs one stretch of writing, and sees to what fails in it. */
  async #guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      await this.#fail(error)
    } finally {
      this.#running = undefined
      this.#condition.notify()
    }
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0 && this.#state === 'open') {
      if (this.#sink.room === 0) await this.#nextFile()
      // However small a file is to be, it holds a message.
      this.#fill(Math.max(1, Math.min(CHUNK_BYTES, this.#sink.room)))
      await this.#writeChunk()
    }
  }

  async #nextFile(): Promise<void> {
    await this.#end()
    await this.#sink.next()
    this.#formatter.begin?.(this.#chunk)
    await this.#writeChunk()
  }

  async #end(): Promise<void> {
    this.#formatter.end?.(this.#chunk)
    await this.#writeChunk()
  }

  /** Moves messages from the queue to the chunk until that has so many bytes. */
  #fill(bytes: number): void {
    while (this.#chunk.length < bytes) {
      const shown = this.#queue.shift()?.shown
      if (shown === undefined) return
      const start = this.#chunk.length
      const reason = this.#format(shown)
      if (reason === undefined) {
        this.#batch.push(shown)
        this.#ends.push(this.#chunk.length)
      } else {
        this.#chunk.truncate(start)
        this.#events.unwritable(shown, reason)
      }
    }
  }

  /** @returns why the message has no form here; undefined where it has */
  #format(shown: ShownMessage): string | undefined {
    try {
      return this.#formatter.write(shown, this.#chunk) ? undefined : 'it is neither bytes nor text'
    } catch (error) {
      if (error instanceof GroundwireError) return error.message
      throw error
    }
  }

  async #writeChunk(): Promise<void> {
    if (this.#chunk.length > 0) await this.#sink.write(this.#chunk.view())
    this.#chunk.clear()
    for (const shown of this.#batch) this.#events.written(shown)
    this.#batch = []
    this.#ends = []
  }

  async #fail(error: unknown): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    if (this.#state === 'closed') {
      for (const shown of batch) this.#events.dropped(shown)
      return
    }
    this.#state = 'failed'
    const written = error instanceof WriteError ? error.written : 0
    const whole = this.#ends.filter(end => end <= written)
    for (const shown of batch.slice(0, whole.length)) this.#events.written(shown)
    // What was written is to be read again: half a message at its end would be in the way.
    await ignoring(this.#sink.takeBack(written - (whole.at(-1) ?? 0)))
    const unwritten = batch.length - whole.length + this.#queue.clear().length
    this.#events.closed(this.#errorOf(error), unwritten)
  }

  #errorOf(error: unknown): GroundwireError | null {
    if (error instanceof WriteError && error.readerGone) return null
    if (error instanceof GroundwireError) return error
    if (!(error instanceof WriteError)) throw error
    const message = `${this.#sink.name} can't be written: ${error.message}`
    return new GroundwireError('IO', message, { cause: error })
  }
}

/** Waits for what may fail without harm. */
async function ignoring(attempt: Promise<void>): Promise<void> {
  try {
    await attempt
  } catch {
    // What can't be taken back stays: a reader finds half a message at the end.
  }
}
