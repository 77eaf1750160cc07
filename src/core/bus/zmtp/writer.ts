import type { Socket } from 'node:net'
import { headerLength, MORE, writeHeader } from './frame.ts'

/** Messages are gathered in buffers of this size, so that hundreds go to the system in one call. */
const BATCH_BYTES = 64 * 1024
/** Batches that are handed to the system together: what waits behind them is still ours, and room comes back bit by bit. */
const BATCHES_PER_WRITE = 16
/** Buffers that are kept for further batches. */
const SPARES = 2 * BATCHES_PER_WRITE

interface Batch {
  readonly bytes: Buffer
  readonly messages: number
}

/**
 * Writes frames to a connection in batches. What is written in one turn of the event loop goes out at its end, or as soon as
 * a batch is full; what the system has no room for waits here, and whoever writes looks at how much that is.
 */
export class Writer {
  readonly #socket: Socket
  readonly #onWritten: () => void
  /** The batch that is being filled. */
  #buffer: Buffer | undefined
  #at = 0
  #messagesInBuffer = 0
  readonly #full: Batch[] = []
  readonly #spares: Buffer[] = []
  /** What the system has not taken whole. */
  #writing: readonly Batch[] | undefined
  #messages = 0
  #bytes = 0
  #scheduled: NodeJS.Immediate | undefined
  #closed = false

  /** @param onWritten called whenever some of what waited has gone */
  constructor(socket: Socket, onWritten: () => void) {
    this.#socket = socket
    this.#onWritten = onWritten
  }

  /** Messages that have not gone. */
  get messages(): number {
    return this.#messages
  }

  /** Whether the system takes no more for now, and batches wait for it to. */
  get backedUp(): boolean {
    return this.#full.length > 0
  }

  /** Bytes that have not gone. */
  get bytes(): number {
    return this.#bytes
  }

  message(topic: Uint8Array, frame: Uint8Array): void {
    if (this.#closed) return
    this.#twoFrames(topic, frame)
    this.#messagesInBuffer += 1
    this.#messages += 1
  }

  /** Writes two frames that are no message, and not counted as one. */
  statement(topic: Uint8Array, frame: Uint8Array): void {
    if (!this.#closed) this.#twoFrames(topic, frame)
  }

  /** Writes a frame of its own: a command, or a subscription. It goes out with what was written before it. */
  frame(flags: number, ...parts: readonly Uint8Array[]): void {
    if (this.#closed) return
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const buffer = this.#reserve(headerLength(length) + length)
    const start = this.#at
    this.#at = writeHeader(buffer, start, flags, length)
    for (const part of parts) {
      buffer.set(part, this.#at)
      this.#at += part.length
    }
    this.#bytes += this.#at - start
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Hands to the system what is here, without waiting for the turn to end. */
  flush(): void {
    if (this.#closed || this.#writing !== undefined || this.#bytes === 0) return
    if (this.#full.length === 0) this.#closeBatch()
    const batches = this.#full.splice(0, BATCHES_PER_WRITE)
    this.#writing = batches
    const last = batches.length - 1
    if (last > 0) this.#socket.cork()
    for (const [index, { bytes }] of batches.entries()) {
      if (index === last) this.#socket.write(bytes, this.#written)
      else this.#socket.write(bytes)
    }
    if (last > 0) this.#socket.uncork()
  }

  /** Hands all that is here to the stream, and ends it: what the system has no room for yet is the stream's to send. */
  end(): void {
    this.#closeBatch()
    for (const { bytes } of this.#full.splice(0)) this.#socket.write(bytes)
    this.close()
    this.#socket.end()
  }

  /** Forgets what has not gone, and takes nothing more. */
  close(): void {
    clearImmediate(this.#scheduled)
    this.#closed = true
    this.#full.length = 0
    this.#spares.length = 0
    this.#buffer = undefined
    this.#writing = undefined
  }

  readonly #turn = (): void => {
    this.#scheduled = undefined
    this.flush()
  }

  readonly #written = (error?: Error | null): void => {
    // The connection is over, and what waited is gone with it.
    if (error || this.#closed) return
    const written = this.#writing ?? []
    this.#writing = undefined
    for (const { bytes, messages } of written) {
      this.#bytes -= bytes.length
      this.#messages -= messages
      if (this.#spares.length < SPARES && bytes.buffer.byteLength === BATCH_BYTES)
        this.#spares.push(Buffer.from(bytes.buffer))
    }
    // What has come meanwhile goes with the turn, but does not wait for a turn that may not come.
    if (this.#full.length > 0) this.flush()
    else if (this.#at > 0) this.#scheduled ??= setImmediate(this.#turn)
    this.#onWritten()
  }

  #twoFrames(topic: Uint8Array, frame: Uint8Array): void {
    const size = headerLength(topic.length) + topic.length + headerLength(frame.length) + frame.length
    const buffer = this.#reserve(size)
    let at = writeHeader(buffer, this.#at, MORE, topic.length)
    buffer.set(topic, at)
    at = writeHeader(buffer, at + topic.length, 0, frame.length)
    buffer.set(frame, at)
    this.#at = at + frame.length
    this.#bytes += size
    this.#scheduled ??= setImmediate(this.#turn)
  }

  #reserve(size: number): Buffer {
    if (this.#buffer !== undefined && this.#buffer.length - this.#at >= size) return this.#buffer
    this.#closeBatch()
    if (this.#full.length > 0) this.flush()
    const spare = size <= BATCH_BYTES ? this.#spares.pop() : undefined
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(Math.max(size, BATCH_BYTES))
    return this.#buffer
  }

  #closeBatch(): void {
    if (this.#buffer !== undefined && this.#at > 0)
      this.#full.push({ bytes: this.#buffer.subarray(0, this.#at), messages: this.#messagesInBuffer })
    this.#buffer = undefined
    this.#at = 0
    this.#messagesInBuffer = 0
  }
}
