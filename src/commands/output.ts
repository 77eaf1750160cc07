import { BoundedQueue } from '../core/bounded-queue.ts'
import { Condition, type WaitOptions } from '../core/condition.ts'
import { GroundwireError } from '../core/errors.ts'

/** What may wait for a slow reader: 16 MiB. The oldest messages go first. */
const LIMITS = { messages: Number.POSITIVE_INFINITY, bytes: 16 * 1024 * 1024 }
/** How much goes to the stream in one write. */
const CHUNK_BYTES = 64 * 1024

interface Entry {
  readonly bytes: Buffer
  readonly size: number
  readonly payload: number
}

export interface OutputEvents {
  /** A message's bytes have been handed to the reader's side. `payload` is what `write` was given. */
  readonly written: (payload: number) => void
  /** A message was dropped, as the reader is too slow. */
  readonly dropped: (payload: number) => void
  /** The reader has gone (null), or the stream failed. */
  readonly closed: (error: GroundwireError | null) => void
}

/**
 * A stream of messages to a reader that may be slow, or go away. Writing never waits: what the reader has not taken is
 * kept up to a limit and then dropped, whole messages at a time, oldest first. Small messages share a write.
 */
export class Output {
  readonly #stream: NodeJS.WritableStream
  readonly #events: OutputEvents
  readonly #queue: BoundedQueue<Entry>
  readonly #condition = new Condition()
  #writing = false
  #scheduled = false
  #closed = false

  constructor(stream: NodeJS.WritableStream, events: OutputEvents) {
    this.#stream = stream
    this.#events = events
    this.#queue = new BoundedQueue(LIMITS, entry => events.dropped(entry.payload))
    stream.on('error', (error: NodeJS.ErrnoException) => this.#fail(error))
  }

  /** Queues one message's bytes. `payload` is handed back by the events: the size to account for. */
  write(bytes: Buffer, payload: number): void {
    if (this.#closed) return
    this.#queue.push({ bytes, size: bytes.length + 64, payload })
    if (this.#writing || this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#flush)
  }

  /** Resolves when everything has been handed to the stream, or the reader has gone. */
  drain(options?: WaitOptions): Promise<void> {
    return this.#condition.until(() => this.#closed || (this.#queue.length === 0 && !this.#writing), options)
  }

  /** Gives up what is still queued, and counts it as dropped. */
  close(): void {
    this.#closed = true
    for (const entry of this.#queue.clear()) this.#events.dropped(entry.payload)
    this.#condition.notify()
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    if (this.#closed || this.#writing) return
    const batch: Entry[] = []
    let bytes = 0
    for (
      let entry = this.#queue.peek();
      entry !== undefined && bytes < CHUNK_BYTES;
      entry = this.#queue.peek()
    ) {
      this.#queue.shift()
      batch.push(entry)
      bytes += entry.bytes.length
    }
    if (batch.length === 0) {
      this.#condition.notify()
      return
    }
    this.#writing = true
    const [first] = batch
    const chunk =
      batch.length === 1 && first !== undefined ? first.bytes : Buffer.concat(batch.map(entry => entry.bytes))
    this.#stream.write(chunk, error => {
      this.#writing = false
      for (const { payload } of batch) {
        if (!error) this.#events.written(payload)
        else if (!this.#closed) this.#events.dropped(payload)
      }
      this.#flush()
    })
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue.clear()
    this.#condition.notify()
    const gone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
    this.#events.closed(
      gone
        ? null
        : new GroundwireError('IO', `standard output can't be written: ${error.message}`, { cause: error }),
    )
  }
}
