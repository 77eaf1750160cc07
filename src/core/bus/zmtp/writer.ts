import type { Socket } from 'node:net'
import type { Limit } from '../limits.ts'
import { type Batch, Batcher } from './batcher.ts'
import { atTurnsEnd } from './turn-end.ts'
import type { WireMessage } from './wire-message.ts'

/** Batches that are handed to the system together: what waits behind them is still ours, and room comes back bit by bit. */
const BATCHES_PER_WRITE = 16

/**
 * Writes frames to a connection in batches. What is written in one turn of the event loop goes out at its end, or as soon as
 * a batch is full; what the system has no room for waits here, and whoever writes looks at how much that is.
 */
export class Writer {
  readonly #socket: Socket
  readonly #onWritten: () => void
  readonly #batcher: Batcher
  /** The batches that the system has taken a part of. */
  #writing: readonly Batch[] | undefined
  #messages = 0
  #statements = 0
  #bytes = 0
  #isScheduled = false
  #closed = false
  #seal: ((frames: Buffer) => Buffer) | undefined

  /**
   * @param onWritten called whenever some of what waited has gone
   * @param total the limit of what waits for all connections
   */
  constructor(socket: Socket, onWritten: () => void, total?: Limit) {
    this.#socket = socket
    this.#onWritten = onWritten
    this.#batcher = new Batcher(total)
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
    return this.#batcher.hasClosed
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
    this.#count(1, this.#batcher.message(topic, frame))
  }

  /** Writes a proxy's statement of its counts: no message to whoever counts those that wait. */
  statement(topic: Uint8Array, frame: Uint8Array): void {
    if (this.#closed) return
    const size = this.#batcher.message(topic, frame)
    this.#batcher.countStatement()
    this.#statements += 1
    this.#count(1, size)
  }

  /** Writes a message that stands in one piece, as it was read. */
  pass(message: WireMessage): void {
    if (this.#closed) return
    this.#batcher.pass(message)
    this.#count(1, message.frameEnd - message.start)
  }

  /** Writes a frame of its own: a command, or a subscription. It goes out with what was written before it. */
  frame(flags: number, ...parts: readonly Uint8Array[]): void {
    if (!this.#closed) this.#count(0, this.#batcher.frame(flags, parts))
  }

  /** From now on, seals each batch as it goes to the system. What is dropped before that is never sealed. */
  sealWith(seal: (frames: Buffer) => Buffer): void {
    this.#seal = seal
  }

  /** Hands to the system what is here, without waiting for the turn to end. */
  flush(): void {
    if (this.#closed || this.#writing !== undefined || this.#bytes === 0) return
    const writing = this.#sealed(this.#batcher.take(BATCHES_PER_WRITE))
    this.#writing = writing
    const last = writing.length - 1
    if (last > 0) this.#socket.cork()
    for (let i = 0; i < last; i++) this.#socket.write((writing[i] as Batch).bytes)
    this.#socket.write((writing[last] as Batch).bytes, this.#written)
    if (last > 0) this.#socket.uncork()
  }

  /**
   * Forgets what waits behind that which the system was handed.
   * @returns how many messages that were
   */
  drop(): number {
    const before = this.#messages - this.#statements
    this.#gone(this.#batcher.takeAll())
    return before - (this.#messages - this.#statements)
  }

  /** Hands all that is here to the stream, and ends it: what the system has no room for yet is the stream's to send. */
  end(): void {
    for (const batch of this.#sealed(this.#batcher.takeAll())) {
      this.#socket.write(batch.bytes, error => {
        if (!error) this.#discount(batch)
        this.#batcher.release(batch)
      })
    }
    this.close()
    this.#socket.end()
  }

  /** Takes nothing more and forgets unsent messages; `messages` still says how many these were. */
  close(): void {
    if (this.#closed) return
    for (const batch of this.#batcher.takeAll()) this.#batcher.release(batch)
    this.#closed = true
  }

  /** Lets go of what the system has not taken, once the connection is over: then it does not read it any more. */
  forget(): void {
    this.close()
    for (const batch of this.#writing ?? []) this.#batcher.release(batch)
    this.#writing = undefined
  }

  #sealed(taken: readonly Batch[]): readonly Batch[] {
    const seal = this.#seal
    if (seal === undefined) return taken
    return taken.map(batch => {
      const sealed = this.#batcher.replace(batch, seal(batch.bytes))
      this.#bytes += sealed.bytes.length - batch.bytes.length
      return sealed
    })
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
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
    if (this.backedUp) this.flush()
    else if (this.#bytes > 0) this.#schedule()
    this.#onWritten()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    atTurnsEnd(this.#turn)
  }

  #count(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
    if (this.backedUp) this.flush()
    this.#schedule()
  }

  /** Batches wait no more. */
  #gone(batches: readonly Batch[]): void {
    for (const batch of batches) {
      this.#discount(batch)
      this.#batcher.release(batch)
    }
  }

  #discount({ bytes, messages, statements }: Batch): void {
    this.#bytes -= bytes.length
    this.#messages -= messages
    this.#statements -= statements
  }
}
