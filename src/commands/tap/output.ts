import { Condition, type WaitOptions } from '../../core/condition.ts'
import { GroundwireError } from '../../core/errors.ts'
import { ByteBuilder } from '../../core/format/byte-builder.ts'
import type { Formatter, ShownMessage } from '../../core/format/formatter.ts'
import { type Sink, WriteError } from '../../core/sink/sink.ts'
import { FrameQueue } from '../../core/tap/frame-queue.ts'
import type { CodecName } from '../../core/wire/codec.ts'

/** What may wait for a slow reader; the oldest messages go first. A larger --max-message raises the bytes. */
const QUEUE = { messages: 65_536, bytes: 8 * 1024 * 1024 }
/** What a codec may add to a payload, in bytes. */
const CODEC_HEADER = 5
/**
 * How much goes out in one write: as the next one waits for a turn of the event loop, which may take in hundreds of
 * messages, less would not keep up.
 */
const CHUNK_BYTES = 1024 * 1024
/**
 * While messages keep coming, what comes within so long shares a write, in ms, unless that is a chunk: to hand a write over
 * costs as much as twenty messages do.
 */
const GATHER_MS = 5

export interface OutputOptions {
  /** The largest payload there may be, in bytes: two of them fit in the queue. */
  readonly maxMessage: number
  /** How frames are read. */
  readonly decoding: CodecName | 'auto'
}

export interface OutputEvents {
  /** A message with a payload of this size has been handed to the reader's side. */
  readonly written: (size: number) => void
  /** A message of this topic was dropped, as the reader is too slow. */
  readonly dropped: (topic: string) => void
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
  readonly #queue: FrameQueue
  readonly #chunk = new ByteBuilder()
  readonly #condition = new Condition()
  /** Of each message in the chunk: the size of its payload, its topic, and where in the chunk it ends. */
  #batch: { readonly size: number; readonly topic: string; readonly end: number }[] = []
  #running: Promise<void> | undefined
  /** What the next stretch of writing waits for: a turn of the event loop, or a timer for more to come. */
  #scheduled: 'turn' | NodeJS.Timeout | undefined
  /** When the last write began. */
  #writtenMs = Number.NEGATIVE_INFINITY
  #state: 'open' | 'failed' | 'closed' = 'open'

  constructor(sink: Sink, formatter: Formatter, options: OutputOptions, events: OutputEvents) {
    this.#sink = sink
    this.#formatter = formatter
    this.#events = events
    const bytes = Math.max(QUEUE.bytes, 2 * (options.maxMessage + CODEC_HEADER))
    this.#queue = new FrameQueue({ ...QUEUE, bytes }, options.decoding, events.dropped)
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
    this.#queue.push(shown)
    if (this.#running === undefined) this.#schedule()
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
    this.#queue.clear()
    await this.#sink.close()
    await this.#running
  }

  /** Writes what is queued, soon: with the next turn where nothing was written lately, or there is a chunk of it. */
  #schedule(): void {
    if (this.#scheduled === 'turn') return
    const isChunk = this.#queue.bytes >= CHUNK_BYTES
    if (this.#scheduled !== undefined && !isChunk) return
    clearTimeout(this.#scheduled)
    const waitMs = isChunk ? 0 : this.#writtenMs + GATHER_MS - performance.now()
    const write = () => {
      this.#scheduled = undefined
      this.#running ??= this.#guarded(() => this.#writeQueue())
    }
    this.#scheduled = waitMs > 0 ? setTimeout(write, waitMs) : 'turn'
    if (this.#scheduled === 'turn') setImmediate(write)
  }

  /** Runs one stretch of writing, and sees to what fails in it. */
  async #guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      await this.#fail(error)
    } finally {
      this.#running = undefined
      if (this.#state === 'open' && this.#queue.length > 0) this.#schedule()
      this.#condition.notify()
    }
  }

  async #writeQueue(): Promise<void> {
    let hasMore = this.#queue.length > 0
    while (hasMore && this.#state === 'open') {
      this.#writtenMs = performance.now()
      if (this.#sink.room === 0) await this.#nextFile()
      // However small a file is to be, it holds a message.
      this.#fill(Math.max(1, Math.min(CHUNK_BYTES, this.#sink.room)))
      // What comes while this is written is for a write of its own, and gathers as well.
      hasMore = this.#queue.length > 0
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
      const shown = this.#queue.shift()
      if (shown === undefined) return
      const start = this.#chunk.length
      const reason = this.#format(shown)
      if (reason === undefined) {
        const { size, topic } = shown.message
        this.#batch.push({ size, topic, end: this.#chunk.length })
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
    for (const { size } of this.#batch) this.#events.written(size)
    this.#batch = []
  }

  async #fail(error: unknown): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    if (this.#state === 'closed') {
      for (const { topic } of batch) this.#events.dropped(topic)
      return
    }
    this.#state = 'failed'
    const written = error instanceof WriteError ? error.written : 0
    const whole = batch.filter(({ end }) => end <= written)
    for (const { size } of whole) this.#events.written(size)
    // What was written is to be read again: half a message at its end would be in the way.
    await ignoring(this.#sink.takeBack(written - (whole.at(-1)?.end ?? 0)))
    let unwritten = batch.length - whole.length
    while (this.#queue.shift() !== undefined) unwritten += 1
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
