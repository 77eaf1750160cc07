import type { Socket } from 'node:net'
import { headerLength, MORE, writeHeader } from './frame.ts'

/** Messages are gathered in buffers of this size, so that hundreds go to the system in one call. */
const BATCH_BYTES = 64 * 1024
/** Buffers that are kept for the next batch. */
const SPARES = 2

/**
 * Writes frames to a connection in batches. What is written in one turn of the event loop goes out at its end, or as soon as
 * a batch is full; what the system has no room for waits here, and whoever writes looks at how much that is.
 */
export class Writer {
  readonly #socket: Socket
  readonly #onWritten: () => void
  #batch: Buffer | undefined
  #at = 0
  readonly #full: Buffer[] = []
  readonly #spares: Buffer[] = []
  /** The buffers of the one write that the system has not taken whole. */
  #writing: readonly Buffer[] | undefined
  #writingMessages = 0
  #messages = 0
  #bytes = 0
  #scheduled: NodeJS.Immediate | undefined

  /** @param onWritten called whenever some of what waited has gone */
  constructor(socket: Socket, onWritten: () => void) {
    this.#socket = socket
    this.#onWritten = onWritten
  }

  /** Messages that have not gone. */
  get messages(): number {
    return this.#messages
  }

  /** Bytes that have not gone. */
  get bytes(): number {
    return this.#bytes
  }

  message(topic: Uint8Array, frame: Uint8Array): void {
    const size = headerLength(topic.length) + topic.length + headerLength(frame.length) + frame.length
    const batch = this.#reserve(size)
    let at = writeHeader(batch, this.#at, MORE, topic.length)
    batch.set(topic, at)
    at = writeHeader(batch, at + topic.length, 0, frame.length)
    batch.set(frame, at)
    this.#at = at + frame.length
    this.#messages += 1
    this.#bytes += size
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Writes a frame of its own: a command, or a subscription. It goes out with what was written before it. */
  frame(flags: number, ...parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const batch = this.#reserve(headerLength(length) + length)
    const start = this.#at
    this.#at = writeHeader(batch, start, flags, length)
    for (const part of parts) {
      batch.set(part, this.#at)
      this.#at += part.length
    }
    this.#bytes += this.#at - start
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Hands to the system what is here, without waiting for the turn to end. */
  flush(): void {
    if (this.#writing !== undefined || this.#bytes === 0) return
    this.#closeBatch()
    const buffers = this.#full.splice(0)
    this.#writing = buffers
    this.#writingMessages = this.#messages
    const last = buffers.length - 1
    if (last > 0) this.#socket.cork()
    for (const [index, buffer] of buffers.entries()) {
      if (index === last) this.#socket.write(buffer, this.#written)
      else this.#socket.write(buffer)
    }
    if (last > 0) this.#socket.uncork()
  }

  /** Hands all that is here to the stream, and ends it: what the system has no room for yet is the stream's to send. */
  end(): void {
    this.#closeBatch()
    for (const buffer of this.#full.splice(0)) this.#socket.write(buffer)
    this.close()
    this.#socket.end()
  }

  /** Forgets what has not gone. */
  close(): void {
    clearImmediate(this.#scheduled)
  }

  readonly #turn = (): void => {
    this.#scheduled = undefined
    this.flush()
  }

  readonly #written = (error?: Error | null): void => {
    // The connection is over, and what waited is gone with it.
    if (error) return
    const written = this.#writing ?? []
    this.#writing = undefined
    this.#messages -= this.#writingMessages
    for (const buffer of written) {
      this.#bytes -= buffer.length
      if (this.#spares.length < SPARES && buffer.buffer.byteLength === BATCH_BYTES)
        this.#spares.push(Buffer.from(buffer.buffer))
    }
    // What has come meanwhile goes with the turn, but does not wait for a turn that may not come.
    if (this.#full.length > 0) this.flush()
    else if (this.#at > 0) this.#scheduled ??= setImmediate(this.#turn)
    this.#onWritten()
  }

  #reserve(size: number): Buffer {
    if (this.#batch !== undefined && this.#batch.length - this.#at >= size) return this.#batch
    this.#closeBatch()
    if (this.#full.length > 0) this.flush()
    const batch =
      size <= BATCH_BYTES && this.#spares.length > 0
        ? (this.#spares.pop() as Buffer)
        : Buffer.allocUnsafeSlow(Math.max(size, BATCH_BYTES))
    this.#batch = batch
    return batch
  }

  #closeBatch(): void {
    if (this.#batch !== undefined && this.#at > 0) this.#full.push(this.#batch.subarray(0, this.#at))
    this.#batch = undefined
    this.#at = 0
  }
}
