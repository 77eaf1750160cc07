import type { Limit } from '../limits.ts'
import { BATCH_BYTES, batches } from './batch-pool.ts'
import { headerLength, MORE, writeHeader } from './frame.ts'
import type { SharedBytes } from './shared-bytes.ts'
import type { WireMessage } from './wire-message.ts'

/** A shorter run is copied, unless it is all that is written: a few long writes cost less than many short ones. In bytes. */
const SHORT_RUN = 4 * 1024
/** A run that is kept is at least this part of the bytes that it keeps in memory: one half. */
const KEPT_PART = 2

/** Bytes to write, with what they hold. */
export interface Batch {
  readonly bytes: Buffer
  readonly messages: number
  /** How many of these are statements. */
  readonly statements: number
  /** The bytes that it is a slice of, if they were read. Undefined if it is a buffer of the pool. */
  readonly source: SharedBytes | undefined
}

/**
 * Gathers what a connection writes in batches.
 *
 * Messages that are only passed on, and were read one behind the other, are a run: it becomes a slice of what was read, which other
 * connections share.
 */
export class Batcher {
  /** Batches that are closed, oldest first. */
  #closed: Batch[] = []
  /** The batch that is being filled. */
  #buffer: Buffer | undefined
  #at = 0
  #messagesInBuffer = 0
  #statementsInBuffer = 0
  /** The run that is being gathered behind the batch, and where it stands in its bytes. */
  #run: SharedBytes | undefined
  #runStart = 0
  #runEnd = 0
  #messagesInRun = 0
  readonly #total: Limit | undefined

  /** @param total counts what the batches of all connections hold */
  constructor(total: Limit | undefined) {
    this.#total = total
  }

  /** Whether closed batches wait: some batch was full. */
  get hasClosed(): boolean {
    return this.#closed.length > 0
  }

  /** @returns the size of the message on the wire, in bytes */
  message(topic: Uint8Array, frame: Uint8Array): number {
    const size = sizeOf(topic, frame)
    const buffer = this.#reserve(size)
    let at = writeHeader(buffer, this.#at, MORE, topic.length)
    buffer.set(topic, at)
    at = writeHeader(buffer, at + topic.length, 0, frame.length)
    buffer.set(frame, at)
    this.#at = at + frame.length
    this.#messagesInBuffer += 1
    return size
  }

  /** The last message was a statement. */
  countStatement(): void {
    this.#statementsInBuffer += 1
  }

  /** Adds a message that stands in one piece, as it was read. */
  pass({ source, start, frameEnd }: WireMessage): void {
    if (source !== this.#run || start !== this.#runEnd) {
      this.#closeRun()
      source.hold(this.#total)
      this.#run = source
      this.#runStart = start
    }
    this.#runEnd = frameEnd
    this.#messagesInRun += 1
  }

  /** Adds a frame of its own. @returns its size on the wire, in bytes */
  frame(flags: number, parts: readonly Uint8Array[]): number {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const buffer = this.#reserve(headerLength(length) + length)
    const start = this.#at
    this.#at = writeHeader(buffer, start, flags, length)
    for (const part of parts) {
      buffer.set(part, this.#at)
      this.#at += part.length
    }
    return this.#at - start
  }

  /** Takes the oldest batches, at most so many; the one that is being filled too, if there is no other. */
  take(most: number): readonly Batch[] {
    if (this.#closed.length === 0) this.#closeAll()
    if (this.#closed.length > most) return this.#closed.splice(0, most)
    const taken = this.#closed
    this.#closed = []
    return taken
  }

  /** Takes all batches. */
  takeAll(): readonly Batch[] {
    this.#closeAll()
    return this.take(Number.POSITIVE_INFINITY)
  }

  /** Puts other bytes, out of the pool, in the place of a batch's own, and gives these back. */
  replace(batch: Batch, bytes: Buffer): Batch {
    this.release(batch)
    this.#total?.add(bytes.length)
    return { ...batch, bytes, source: undefined }
  }

  /** Gives a batch's memory back. */
  release({ bytes, source }: Batch): void {
    if (source !== undefined) {
      source.release(this.#total)
      return
    }
    batches.give(bytes)
    this.#total?.remove(bytes.length)
  }

  /** Room for so many bytes behind all that is here. */
  #reserve(size: number): Buffer {
    if (this.#run !== undefined) this.#closeRun()
    if (this.#buffer !== undefined && this.#buffer.length - this.#at >= size) return this.#buffer
    return this.#enlarge(size)
  }

  /** A batch that outgrows a small buffer moves into a large one; one that outgrows that is closed. */
  #enlarge(size: number): Buffer {
    const before = this.#buffer
    if (before !== undefined && before.length < BATCH_BYTES && this.#at + size <= BATCH_BYTES) {
      this.#buffer = batches.take(BATCH_BYTES)
      before.copy(this.#buffer, 0, 0, this.#at)
      batches.give(before)
      return this.#buffer
    }
    this.#closeBatch()
    this.#buffer = batches.take(size)
    return this.#buffer
  }

  #closeAll(): void {
    if (this.#at === 0 && this.#closed.length === 0 && this.#run !== undefined) this.#keepRun(this.#run)
    else this.#closeRun()
    this.#closeBatch()
  }

  /** Keeps the run as a slice of what was read if it is long enough for that, else copies it. */
  #closeRun(): void {
    const run = this.#run
    if (run === undefined) return
    const length = this.#runEnd - this.#runStart
    if (length >= SHORT_RUN && length * KEPT_PART >= run.bytes.length) this.#keepRun(run)
    else this.#copyRun(run, length)
  }

  #keepRun(run: SharedBytes): void {
    this.#closeBatch()
    const bytes = run.slice(this.#runStart, this.#runEnd)
    this.#closed.push({ bytes, messages: this.#messagesInRun, statements: 0, source: run })
    this.#forgetRun()
  }

  #copyRun(run: SharedBytes, length: number): void {
    const [start, messages] = [this.#runStart, this.#messagesInRun]
    this.#forgetRun()
    const buffer = this.#reserve(length)
    run.bytes.copy(buffer, this.#at, start, start + length)
    this.#at += length
    this.#messagesInBuffer += messages
    run.release(this.#total)
  }

  #forgetRun(): void {
    this.#run = undefined
    this.#messagesInRun = 0
  }

  #closeBatch(): void {
    if (this.#buffer === undefined) return
    if (this.#at > 0) {
      this.#closed.push({
        bytes: this.#buffer.subarray(0, this.#at),
        messages: this.#messagesInBuffer,
        statements: this.#statementsInBuffer,
        source: undefined,
      })
      this.#total?.add(this.#at)
    } else batches.give(this.#buffer)
    this.#buffer = undefined
    this.#at = 0
    this.#messagesInBuffer = 0
    this.#statementsInBuffer = 0
  }
}

function sizeOf(topic: Uint8Array, frame: Uint8Array): number {
  return headerLength(topic.length) + topic.length + headerLength(frame.length) + frame.length
}
