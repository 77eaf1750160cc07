import { Condition, type WaitOptions } from '../condition.ts'
import { GroundwireError } from '../errors.ts'
import type { Formatter, ShownMessage } from '../format/formatter.ts'
import { type Sink, WriteError } from '../sink/sink.ts'
import type { CodecName } from '../wire/codec.ts'
import { Chunk } from './chunk.ts'
import { FrameQueue } from './frame-queue.ts'
import { WriteSchedule } from './write-schedule.ts'

/** Queue limits before a slow reader, beyond two chunks. The oldest messages go first. */
const QUEUE = { messages: 65_536, bytes: 8 * 1024 * 1024 }
/** Shares of the queue from which {@link Writer.room} waits, and down to which. */
const FULL = 1 / 2
const ROOM = 1 / 4
/** Bytes that a codec may add to a payload. */
const CODEC_HEADER = 5
/** One write, at the most. A turn of the event loop takes in hundreds of messages, so less would not keep up. */
const CHUNK = { messages: 16_384, bytes: 1024 * 1024 }

export interface WriterOptions {
  readonly sink: Sink
  readonly formatter: Formatter
  /** The largest payload there may be, in bytes. Two of them fit in the queue. */
  readonly maxMessage: number
  /** How frames are read. */
  readonly decoding: CodecName | 'auto'
}

/** The account of what is written. Each message that was given to a writer is told once. */
export interface WriterEvents {
  /** The sink has taken so many messages, with so many bytes of payload. */
  readonly written: (messages: number, bytes: number) => void
  /** A message of this topic was dropped, as the reader is too slow. */
  readonly dropped: (topic: string) => void
  /** A message of this topic has no form here, for this reason. */
  readonly unwritable: (topic: string, reason: string) => void
  /** The reader has gone (null) or the sink failed, and so many messages are not written for it. It may be told again. */
  readonly failed: (error: GroundwireError | null, unwritten: number) => void
}

/**
 * Writes messages to a reader that may be slow, or go away. It never waits.
 *
 * A message gets its form at once, in the chunk that is written next, while another one is being written. Once that is full,
 * messages wait in a queue as they came; when that is full, too, the oldest go. They have no form yet, so they cost
 * nothing, and leave no hole in it.
 */
export class Writer {
  readonly #sink: Sink
  readonly #formatter: Formatter
  readonly #events: WriterEvents
  readonly #queue: FrameQueue
  readonly #condition = new Condition()
  readonly #schedule = new WriteSchedule(() => {
    this.#running ??= this.#guarded(() => this.#writeAll())
  })
  /** The chunk that takes messages, and the one that is being written. */
  #filling = new Chunk()
  #writing = new Chunk()
  /** The largest length of the chunk that takes messages, in bytes: the sink's room when its first message comes. */
  #room = 0
  #running: Promise<void> | undefined
  #state: 'open' | 'failed' | 'closed' = 'open'

  constructor({ sink, formatter, maxMessage, decoding }: WriterOptions, events: WriterEvents) {
    this.#sink = sink
    this.#formatter = formatter
    this.#events = events
    const bytes = Math.max(QUEUE.bytes, 2 * (maxMessage + CODEC_HEADER))
    this.#queue = new FrameQueue({ ...QUEUE, bytes }, decoding, events.dropped)
  }

  /** Writes the beginning of the form. */
  start(): Promise<void> {
    this.#running = this.#guarded(() => this.#begin())
    return this.#running
  }

  /** Takes one message. */
  write(shown: ShownMessage): void {
    if (this.#state !== 'open') return this.#events.failed(null, 1)
    if (this.#queue.length === 0 && this.#hasRoom()) this.#add(shown)
    else this.#queue.push(shown)
    if (this.#running === undefined) this.#plan()
  }

  /** @returns a promise that resolves once the queue has emptied, or the sink has ended; undefined while less than half of it is full */
  room(): Promise<void> | undefined {
    if (this.#queue.fill < FULL || this.#state !== 'open') return undefined
    return this.#condition.until(() => this.#queue.fill <= ROOM || this.#state !== 'open')
  }

  /** Resolves once the sink has taken everything, or has failed. */
  drain(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#state !== 'open' || this.#isIdle, options)
  }

  /** Writes the end of the form, if everything before it is written; else drops what waits. Closes the sink. */
  async close(): Promise<void> {
    if (this.#state === 'open' && this.#isIdle) await this.#guarded(() => this.#end())
    if (this.#state === 'open') {
      this.#state = 'closed'
      for (const topic of this.#filling.topics) this.#events.dropped(topic)
      this.#queue.clear()
    }
    this.#schedule.cancel()
    await this.#sink.close()
    await this.#running
  }

  get #isIdle(): boolean {
    return this.#running === undefined && !this.#hasMessages
  }

  get #hasMessages(): boolean {
    return this.#filling.messages + this.#queue.length > 0
  }

  #hasRoom(): boolean {
    if (this.#filling.messages === 0)
      this.#room = Math.min(CHUNK.bytes, this.#sink.room - this.#writing.length)
    return !this.#isFull
  }

  get #isFull(): boolean {
    return this.#filling.length >= this.#room || this.#filling.messages >= CHUNK.messages
  }

  #add(shown: ShownMessage): void {
    const reason = this.#filling.add(shown, this.#formatter)
    if (reason !== undefined) this.#events.unwritable(shown.message.topic, reason)
  }

  #plan(): void {
    this.#schedule.plan(this.#isFull || this.#queue.length > 0)
  }

  /** Runs one stretch of writing, and sees to an error in it. */
  async #guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      await this.#fail(error)
    } finally {
      this.#running = undefined
      if (this.#state === 'open' && this.#hasMessages) this.#plan()
      this.#condition.notify()
    }
  }

  async #writeAll(): Promise<void> {
    let hasMore = true
    while (hasMore && this.#state === 'open') {
      this.#schedule.mark()
      if (this.#filling.messages === 0 && this.#sink.room === 0) await this.#nextFile()
      this.#fill()
      // Messages that come during this write are for one of their own, and gather as well.
      hasMore = this.#queue.length > 0
      await this.#writeChunk()
      this.#condition.notify()
    }
  }

  /** Moves messages from the queue to the chunk. However small a file is to be, it holds one. */
  #fill(): void {
    this.#room = Math.max(1, Math.min(CHUNK.bytes, this.#sink.room))
    while (!this.#isFull) {
      const shown = this.#queue.shift()
      if (shown === undefined) return
      this.#add(shown)
    }
  }

  async #nextFile(): Promise<void> {
    await this.#end()
    await this.#sink.next()
    await this.#begin()
  }

  async #begin(): Promise<void> {
    this.#filling.addFrame(this.#formatter.begin?.bind(this.#formatter))
    await this.#writeChunk()
  }

  async #end(): Promise<void> {
    this.#filling.addFrame(this.#formatter.end?.bind(this.#formatter))
    await this.#writeChunk()
  }

  async #writeChunk(): Promise<void> {
    const chunk = this.#filling
    this.#filling = this.#writing
    this.#writing = chunk
    if (chunk.length > 0) await this.#sink.write(chunk.view())
    this.#tellWritten(chunk)
  }

  #tellWritten(chunk: Chunk): void {
    const { messages, payloadBytes } = chunk
    chunk.clear()
    if (messages > 0) this.#events.written(messages, payloadBytes)
  }

  async #fail(error: unknown): Promise<void> {
    const chunk = this.#writing
    if (this.#state === 'closed') {
      for (const topic of chunk.topics) this.#events.dropped(topic)
      return
    }
    this.#state = 'failed'
    let unwritten = chunk.messages + this.#filling.messages
    while (this.#queue.shift() !== undefined) unwritten += 1
    const written = error instanceof WriteError ? error.written : 0
    const end = chunk.cutTo(written)
    unwritten -= chunk.messages
    this.#tellWritten(chunk)
    // A reader must not find half a message at the end.
    await ignoring(this.#sink.takeBack(written - end))
    this.#events.failed(this.#errorOf(error), unwritten)
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
    // It stays, and a reader finds half a message at the end.
  }
}
