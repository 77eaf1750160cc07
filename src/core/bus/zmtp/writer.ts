import type { Socket } from 'node:net'
import type { Limit } from '../limits.ts'
import { BATCH_BYTES, batches } from './batch-pool.ts'
import { headerLength, MORE, writeHeader } from './frame.ts'

/** Batches that are handed to the system together: what waits behind them is still ours, and room comes back bit by bit. */
const BATCHES_PER_WRITE = 16

interface Batch {
  readonly bytes: Buffer
  readonly messages: number
  /** How many of these are statements. */
  readonly statements: number
  /** A message that several connections share, and which is counted once. */
  readonly shared?: SharedMessage
}

/** A message larger than a batch, as it stands on the wire: whoever it is written to shares its bytes. */
export class SharedMessage {
  readonly bytes: Buffer
  holders = 0

  constructor(topic: Uint8Array, frame: Uint8Array) {
    this.bytes = Buffer.allocUnsafeSlow(sizeOf(topic, frame))
    encode(this.bytes, 0, topic, frame)
  }

  /** Whether a message is better written to several connections as one of these. */
  static isFor(frame: Uint8Array): boolean {
    return frame.length > BATCH_BYTES
  }
}

/**
 * Writes frames to a connection in batches. What is written in one turn of the event loop goes out at its end, or as soon as
 * a batch is full; what the system has no room for waits here, and whoever writes looks at how much that is.
 */
export class Writer {
  readonly #socket: Socket
  readonly #onWritten: () => void
  /** Counts what waits in the writers of all connections: batch by batch, once each is closed. */
  readonly #total: Limit | undefined
  /** The batch that is being filled. */
  #buffer: Buffer | undefined
  #at = 0
  #messagesInBuffer = 0
  #statementsInBuffer = 0
  #full: Batch[] = []
  /** The batch that the system has taken a part of. */
  #writing: readonly Batch[] | undefined
  #messages = 0
  #statements = 0
  #bytes = 0
  #scheduled: NodeJS.Immediate | undefined
  #closed = false

  /**
   * @param onWritten called whenever some of what waited has gone
   * @param total the limit of what waits for all connections
   */
  constructor(socket: Socket, onWritten: () => void, total?: Limit) {
    this.#socket = socket
    this.#onWritten = onWritten
    this.#total = total
  }

  /** Messages that have not gone, statements among them. */
  get messages(): number {
    return this.#messages
  }

  /** Statements that have not gone. */
  get statements(): number {
    return this.#statements
  }

  /** Whether the system takes no more for now, and batches wait for it to. */
  get backedUp(): boolean {
    return this.#full.length > 0
  }

  /** Whether the system has not taken all that it was handed. */
  get blocked(): boolean {
    return this.#writing !== undefined
  }

  /** Whether it takes nothing more: its connection is over, or about to be. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Bytes that have not gone. */
  get bytes(): number {
    return this.#bytes
  }

  message(topic: Uint8Array, frame: Uint8Array): void {
    if (this.#closed) return
    const size = sizeOf(topic, frame)
    const buffer = this.#reserve(size)
    this.#at = encode(buffer, this.#at, topic, frame)
    this.#messagesInBuffer += 1
    this.#messages += 1
    this.#bytes += size
    this.#scheduled ??= setImmediate(this.#turn)
  }

  /** Writes a proxy's statement of its counts: no message to whoever counts those that wait. */
  statement(topic: Uint8Array, frame: Uint8Array): void {
    if (this.#closed) return
    this.message(topic, frame)
    this.#statementsInBuffer += 1
    this.#statements += 1
  }

  /** Writes a message that others share. */
  share(shared: SharedMessage): void {
    if (this.#closed) return
    this.#closeBatch()
    const { bytes } = shared
    shared.holders += 1
    if (shared.holders === 1) this.#total?.add(bytes.length)
    this.#full.push({ bytes, messages: 1, statements: 0, shared })
    this.#messages += 1
    this.#bytes += bytes.length
    this.#scheduled ??= setImmediate(this.#turn)
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
    const writing = this.#full.splice(0, BATCHES_PER_WRITE)
    this.#writing = writing
    const last = writing.length - 1
    if (last > 0) this.#socket.cork()
    for (const [index, { bytes }] of writing.entries()) {
      if (index === last) this.#socket.write(bytes, this.#written)
      else this.#socket.write(bytes)
    }
    if (last > 0) this.#socket.uncork()
  }

  /**
   * Forgets what waits behind that which the system was handed.
   * @returns how many messages that were
   */
  drop(): number {
    this.#closeBatch()
    const before = this.#messages - this.#statements
    this.#gone(this.#full)
    this.#full = []
    return before - (this.#messages - this.#statements)
  }

  /** Hands all that is here to the stream, and ends it: what the system has no room for yet is the stream's to send. */
  end(): void {
    this.#closeBatch()
    const rest = this.#full
    this.#full = []
    for (const batch of rest) {
      this.#socket.write(batch.bytes, error => {
        if (!error) this.#count(batch)
        this.#release(batch)
      })
    }
    this.close()
    this.#socket.end()
  }

  /** Takes nothing more and forgets unsent messages; `messages` still says how many these were. */
  close(): void {
    if (this.#closed) return
    clearImmediate(this.#scheduled)
    this.#closeBatch()
    for (const batch of this.#full) this.#release(batch)
    this.#closed = true
    this.#full = []
  }

  /** Lets go of what the system has not taken, once the connection is over: then it does not read it any more. */
  forget(): void {
    this.close()
    for (const batch of this.#writing ?? []) this.#release(batch)
    this.#writing = undefined
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
    this.#gone(written)
    if (this.#closed) return
    // Messages that came meanwhile go with the turn, but do not wait for a turn that may not come.
    if (this.#full.length > 0) this.flush()
    else if (this.#at > 0) this.#scheduled ??= setImmediate(this.#turn)
    this.#onWritten()
  }

  /** Batches wait no more. */
  #gone(batches: readonly Batch[]): void {
    for (const batch of batches) {
      this.#count(batch)
      this.#release(batch)
    }
  }

  #count({ bytes, messages, statements }: Batch): void {
    this.#bytes -= bytes.length
    this.#messages -= messages
    this.#statements -= statements
  }

  /** Gives a batch's memory back. */
  #release({ bytes, shared }: Batch): void {
    if (shared === undefined) batches.give(bytes)
    else if (--shared.holders > 0) return
    this.#total?.remove(bytes.length)
  }

  #reserve(size: number): Buffer {
    if (this.#buffer !== undefined && this.#buffer.length - this.#at >= size) return this.#buffer
    this.#closeBatch()
    if (this.#full.length > 0) this.flush()
    this.#buffer = batches.take(size)
    return this.#buffer
  }

  #closeBatch(): void {
    if (this.#buffer !== undefined && this.#at > 0) {
      this.#full.push({
        bytes: this.#buffer.subarray(0, this.#at),
        messages: this.#messagesInBuffer,
        statements: this.#statementsInBuffer,
      })
      this.#total?.add(this.#at)
    }
    this.#buffer = undefined
    this.#at = 0
    this.#messagesInBuffer = 0
    this.#statementsInBuffer = 0
  }
}

function sizeOf(topic: Uint8Array, frame: Uint8Array): number {
  return headerLength(topic.length) + topic.length + headerLength(frame.length) + frame.length
}

/** Writes a message of two frames. @returns where it ends */
function encode(into: Buffer, start: number, topic: Uint8Array, frame: Uint8Array): number {
  let at = writeHeader(into, start, MORE, topic.length)
  into.set(topic, at)
  at = writeHeader(into, at + topic.length, 0, frame.length)
  into.set(frame, at)
  return at + frame.length
}
