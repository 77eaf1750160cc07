import { MAX_HANDSHAKE_COMMAND, MESSAGE_LEAST } from '../../security/curve-commands.ts'
import { HALF_SPACE } from '../../security/sodium.ts'
import { COMMAND, LONG, LONG_HEADER, MAX_COMMAND, readLongSize, SHORT_HEADER, writeHeader } from './frame.ts'
import type { Opener } from './opener.ts'
import type { Holder, Reassembly } from './reassembly.ts'
import { ReassemblyBuffer } from './reassembly-buffer.ts'

const TOO_MUCH_HELD = 'it held the most when too much had come of messages that were not whole'

export interface SealedInputHandlers {
  /** A command of the handshake has come. It may lead to {@link SealedInput.openWith}. */
  readonly onHandshake: (command: Buffer) => void
  readonly onFault: (reason: string) => void
}

export interface SealedInputLimits {
  /** The largest frame that is opened, in bytes. A larger one is handed on unopened, to be passed over. */
  readonly maxFrame: number
  /** Counts the bytes of frames that have not come whole, for all connections. */
  readonly reassembly: Reassembly | undefined
}

/** Takes the stream of a connection with keys: first the commands of the handshake, then sealed frames, which become frames of ZMTP. */
export class SealedInput implements Holder {
  readonly #handlers: SealedInputHandlers
  readonly #mostSealed: number
  readonly #reassembly: Reassembly | undefined
  readonly #partial = new ReassemblyBuffer()
  #opener: Opener | undefined
  /** Bytes of a frame that is passed over that are still to come. */
  #left = 0
  #counted = 0
  #over = false
  /** Frames of ZMTP out of the present chunk. */
  #plain: Buffer[] = []

  constructor(handlers: SealedInputHandlers, { maxFrame, reassembly }: SealedInputLimits) {
    this.#handlers = handlers
    this.#mostSealed = Math.max(maxFrame, MAX_COMMAND) + MESSAGE_LEAST
    this.#reassembly = reassembly
  }

  /** The handshake is done: sealed frames follow. */
  openWith(opener: Opener): void {
    this.#opener = opener
  }

  /**
   * Takes in a chunk of the stream, which it may overwrite.
   * @returns the frames of ZMTP, in one piece or in several, up to a fault
   */
  push(chunk: Buffer): readonly Buffer[] {
    this.#plain = []
    for (let at = 0; at < chunk.length && !this.#over; ) {
      if (this.#left > 0) at = this.#passOver(chunk, at)
      else at = this.#partial.length > 0 ? this.#gather(chunk, at) : this.#read(chunk, at)
    }
    const plain = this.#plain
    this.#plain = []
    return plain
  }

  /** Reads no further. */
  stop(): void {
    this.#over = true
    this.#partial.drop()
    this.#count(0)
  }

  get held(): number {
    return this.#counted
  }

  giveUp(): void {
    this.#fail(TOO_MUCH_HELD)
  }

  #read(chunk: Buffer, at: number): number {
    return this.#unit(chunk, at, chunk.length) ?? this.#gather(chunk, at)
  }

  /** Adds to the beginning of a frame what it needs. @returns where the rest of the chunk begins */
  #gather(chunk: Buffer, at: number): number {
    const partial = this.#partial
    const next = partial.take(chunk, at)
    if (partial.isWhole) {
      const { length } = partial
      const unit = partial.release()
      if (this.#unit(unit, 0, length) === undefined && !this.#over) partial.restore(unit, length)
    }
    if (!this.#over) this.#count(partial.length)
    return next
  }

  #count(held: number): void {
    if (this.#reassembly === undefined || held === this.#counted) return
    const more = held - this.#counted
    this.#counted = held
    this.#reassembly.count(this, more)
  }

  /** Reads what begins at `start`. @returns where the next thing begins, or nothing if it has not come whole */
  #unit(bytes: Buffer, start: number, end: number): number | undefined {
    const body = start + headerOf(bytes, start)
    if (body > end) return this.#need(body - start)
    const flags = bytes[start] as number
    const size = sizeOf(bytes, start)
    if (this.#opener === undefined) {
      if ((flags & ~LONG) !== COMMAND || size > MAX_HANDSHAKE_COMMAND)
        return this.#fail('a frame that is no command of a handshake')
      if (body + size > end) return this.#need(body + size - start)
      this.#handlers.onHandshake(bytes.subarray(body, body + size))
      return body + size
    }
    if (!isSealed(flags, size)) return this.#fail('a frame that is not sealed')
    if (size > this.#mostSealed) {
      if (body + MESSAGE_LEAST > end) return this.#need(body + MESSAGE_LEAST - start)
      return this.#beginPassingOver(bytes, body, size)
    }
    if (body + size > end) return this.#need(body + size - start)
    const next = body + size
    return next - start > HALF_SPACE
      ? this.#openLarge(bytes, start, body, next)
      : this.#open(bytes, start, next, end)
  }

  /** Opens a frame that is whole, and those behind it that are, as many as there is space for. */
  #open(bytes: Buffer, start: number, firstEnd: number, end: number): number {
    let next = firstEnd
    while (next < end) {
      const body = next + headerOf(bytes, next)
      if (body > end) break
      const size = sizeOf(bytes, next)
      if (body + size > end || body + size - start > HALF_SPACE) break
      if (size > this.#mostSealed || !isSealed(bytes[next] as number, size)) break
      next = body + size
    }
    const opener = this.#opener as Opener
    const plain = opener.open(bytes.subarray(start, next))
    if (plain.length > 0) this.#plain.push(plain)
    return opener.fault === undefined ? next : this.#fail(opener.fault)
  }

  #openLarge(bytes: Buffer, start: number, body: number, end: number): number {
    const opener = this.#opener as Opener
    const plain = opener.openLarge(bytes.subarray(start, end), body - start)
    if (plain === undefined) return this.#fail(opener.fault)
    this.#plain.push(plain)
    return end
  }

  /** A frame that is too large to be held goes on as it is: whoever reads it passes over it by its header. */
  #beginPassingOver(bytes: Buffer, body: number, size: number): number {
    const opener = this.#opener as Opener
    const flags = opener.passOver(bytes.subarray(body, body + MESSAGE_LEAST))
    if (flags === undefined) return this.#fail(opener.fault)
    this.#left = size - MESSAGE_LEAST
    const header = Buffer.alloc(LONG_HEADER)
    writeHeader(header, 0, flags, this.#left)
    this.#plain.push(header)
    return body + MESSAGE_LEAST
  }

  #passOver(chunk: Buffer, at: number): number {
    const end = Math.min(at + this.#left, chunk.length)
    this.#left -= end - at
    this.#plain.push(chunk.subarray(at, end))
    return end
  }

  #need(bytes: number): undefined {
    this.#partial.needed = bytes
  }

  #fail(reason = 'a MESSAGE that its key does not open'): number {
    this.stop()
    this.#handlers.onFault(reason)
    return Number.POSITIVE_INFINITY
  }
}

function headerOf(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) & LONG) === 0 ? SHORT_HEADER : LONG_HEADER
}

function sizeOf(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) & LONG) === 0 ? (bytes[at + 1] as number) : readLongSize(bytes, at + 1)
}

/** Whether a frame may be a MESSAGE. libzmq gives it no flags; others may call it a command. */
function isSealed(flags: number, size: number): boolean {
  const kind = flags & ~LONG
  return (kind === 0 || kind === COMMAND) && size >= MESSAGE_LEAST
}
