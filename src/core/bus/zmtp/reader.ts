import type { Socket } from 'node:net'
import { Decoder } from './decoder.ts'
import type { DecoderHandlers, DecoderLimits } from './decoder-options.ts'

export interface ReaderHandlers extends Omit<DecoderHandlers, 'onPending'> {
  /** The handler of a message is pending, and nothing is handed on until it is done. */
  readonly onPause: () => void
  /** No handler is pending any more, and all that was held meanwhile has been handed on. */
  readonly onResume: () => void
}

/**
 * Reads the stream of one connection, and hands its messages on one at a time: while the promise of a message's handler is
 * pending, the stream is paused, and chunks that have been read already are held.
 */
export class Reader {
  readonly #socket: Socket
  readonly #handlers: ReaderHandlers
  readonly #decoder: Decoder
  /** Chunks that are not decoded to their end, and how far the first of them is. */
  readonly #chunks: Buffer[] = []
  #at = 0
  /** How the stream is read: as messages are handled, ahead of that, or no more. */
  #mode: 'as handled' | 'ahead' | 'no more' = 'as handled'
  #isWaiting = false
  #isDecoding = false
  #isClosed = false

  constructor(socket: Socket, handlers: ReaderHandlers, limits: DecoderLimits) {
    this.#socket = socket
    this.#handlers = handlers
    this.#decoder = new Decoder({ ...handlers, onPending: handling => this.#onPending(handling) }, limits)
  }

  /** Whether the handler of a message is pending. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Takes in a chunk of the stream, or the pieces of one. */
  push(...chunks: readonly Buffer[]): void {
    this.#chunks.push(...chunks)
    if (!this.#isWaiting) this.#decode()
  }

  /** For a drain: reads on while a message's handler is pending, then no more. Chunks that were read are still handed on. */
  read(mode: 'ahead' | 'no more'): void {
    this.#mode = mode
    if (mode === 'ahead') this.#socket.resume()
    else this.#socket.pause()
  }

  /** Drops the rest of what is being decoded. Messages held behind a pending handler arrived before, and are still handed on. */
  stop(): void {
    if (!this.#isWaiting) this.#decoder.stop()
  }

  /**
   * Hands on all messages that have been read, waits for no handler any more, and reads no further. The messages of a chunk that is
   * being decoded are handed on as soon as the handler that called this has returned.
   */
  close(): void {
    const wasWaiting = this.#isWaiting
    this.#isClosed = true
    this.#isWaiting = false
    this.#decoder.hurry()
    if (this.#isDecoding) return
    this.#decode()
    if (wasWaiting) this.#handlers.onResume()
  }

  #decode(): void {
    this.#isDecoding = true
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      this.#at = this.#decoder.decode(chunk, this.#at)
      if (this.#isWaiting && this.#at < chunk.length) break
      this.#chunks.shift()
      this.#at = 0
      if (this.#isWaiting) break
    }
    this.#isDecoding = false
    if (this.#isClosed) this.#decoder.stop()
  }

  #onPending(handling: Promise<void>): void {
    if (this.#isClosed) return
    this.#decoder.suspend()
    this.#isWaiting = true
    if (this.#mode === 'as handled') this.#socket.pause()
    this.#handlers.onPause()
    void this.#resumeAfter(handling)
  }

  async #resumeAfter(handling: Promise<void>): Promise<void> {
    await handling
    if (this.#isClosed) return
    this.#isWaiting = false
    this.#decode()
    // One of the messages held may have a handler that is pending, too.
    if (this.#isWaiting) return
    if (this.#mode === 'as handled') this.#socket.resume()
    this.#handlers.onResume()
  }
}
