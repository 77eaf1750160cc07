import type { DecoderHandlers, DecoderLimits } from './decoder-options.ts'
import {
  COMMAND,
  LONG,
  LONG_HEADER,
  MAX_COMMAND,
  MAX_FLAGS,
  MORE,
  readLongSize,
  SHORT_HEADER,
} from './frame.ts'
import type { Holder, Reassembly } from './reassembly.ts'
import { ReassemblyBuffer } from './reassembly-buffer.ts'
import type { Turns } from './turns.ts'
import { WireMessage } from './wire-message.ts'

/** Messages or commands of a chunk that do not wait for a turn: a connection that brings little is never kept waiting. */
const FREE_UNITS = 32
const NOTHING = Buffer.alloc(0)
const TOO_MUCH_HELD = 'it held the most when too much had come of messages that were not whole'
/** The message or command that was looked at has not come whole. */
const INCOMPLETE = -1

/** A malformed message, which is passed over frame by frame and never kept. */
interface Discarded {
  readonly first: Buffer
  readonly longTopic: number | undefined
  frames: number
  bytes: number
  oversize: boolean
  /** Bytes of the present frame that are still to come. */
  left: number
  more: boolean
}

/**
 * Takes a stream of ZMTP frames apart, chunk by chunk as they come from the system: hundreds of messages in one.
 *
 * Messages that are complete in a chunk are handed on as views of it. The one that two chunks share is gathered in a buffer of its
 * own, exactly as long as it needs, so that nothing but that one message is ever copied.
 */
export class Decoder implements Holder {
  readonly #handlers: DecoderHandlers
  readonly #maxFrame: number
  readonly #maxFirst: number
  readonly #reassembly: Reassembly | undefined
  /** Undefined where it waits for no turn, or no more. */
  #turns: Turns | undefined
  /** The beginning of a message or command that goes on in the next chunk. */
  readonly #partial = new ReassemblyBuffer()
  /** Bytes that are counted as held. */
  #counted = 0
  /** The next frame is not the first of a message: it goes on with `#first`, or with what is discarded. */
  #inMessage = false
  #discarded: Discarded | undefined
  /** The first frame of a message, while commands come before the second. It is copied once, however many these are. */
  #first: Buffer | undefined
  #suspended = false
  #over = false
  /** The message that is handed on. */
  readonly #message = new WireMessage()

  constructor(handlers: DecoderHandlers, { maxFrame, maxFirst, reassembly, turns }: DecoderLimits) {
    this.#handlers = handlers
    this.#maxFrame = maxFrame
    this.#maxFirst = maxFirst
    this.#reassembly = reassembly
    this.#turns = turns
  }

  /**
   * Decodes a chunk from `at` on, to its end or to where it is suspended. Once stopped, it passes over all that is left.
   * @returns where it came to
   */
  decode(chunk: Buffer, at: number): number {
    this.#suspended = false
    for (let units = 1; at < chunk.length && !this.#over && !this.#suspended; units++) {
      at = this.#partial.length > 0 ? this.#gather(chunk, at) : this.#read(chunk, at)
      const turn = units >= FREE_UNITS && !this.#suspended ? this.#turns?.next() : undefined
      if (turn !== undefined) this.#handlers.onPending(turn)
    }
    this.#message.clear()
    return this.#over ? chunk.length : at
  }

  /** Stops behind the present message, until `decode` is called again. */
  suspend(): void {
    this.#suspended = true
  }

  /** Waits for no turn any more. */
  hurry(): void {
    this.#turns = undefined
  }

  /** Reads no further. */
  stop(): void {
    this.#over = true
    this.#partial.drop()
    this.#first = undefined
    this.#count(0)
  }

  /** Bytes of a message that has not come whole. */
  get held(): number {
    return this.#counted
  }

  giveUp(): void {
    this.stop()
    this.#handlers.onFault(TOO_MUCH_HELD)
  }

  #read(chunk: Buffer, at: number): number {
    const next = this.#unit(chunk, at, chunk.length)
    return next === INCOMPLETE ? this.#gather(chunk, at) : next
  }

  /** Adds to the beginning that is here what it needs of a chunk. @returns where the rest of the chunk begins */
  #gather(chunk: Buffer, at: number): number {
    const partial = this.#partial
    const next = partial.take(chunk, at)
    if (partial.isWhole) {
      const { length } = partial
      const unit = partial.release()
      if (this.#unit(unit, 0, length) === INCOMPLETE) partial.restore(unit, length)
    }
    this.#count(partial.length + (this.#first?.length ?? 0))
    return next
  }

  #count(held: number): void {
    if (this.#reassembly === undefined || held === this.#counted) return
    const more = held - this.#counted
    this.#counted = held
    this.#reassembly.count(this, more)
  }

  #need(bytes: number): typeof INCOMPLETE {
    this.#partial.needed = bytes
    return INCOMPLETE
  }

  /** Reads one message or command. @returns where the next one begins, or INCOMPLETE */
  #unit(bytes: Buffer, start: number, end: number): number {
    if (this.#inMessage) return this.#continue(bytes, start, end)
    const flags = bytes[start] as number
    if (flags > MAX_FLAGS) return this.#fault('a frame with reserved flags', end)
    if ((flags & COMMAND) !== 0) return this.#command(bytes, start, start, end)
    const at = start + ((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
    if (at > end) return this.#need(at - start)
    const size = (flags & LONG) === 0 ? (bytes[start + 1] as number) : readLongSize(bytes, start + 1)
    if (size > this.#maxFirst || size > this.#maxFrame) return this.#discardLong(size, bytes, start, end)
    const next = at + size
    if ((flags & MORE) === 0) {
      if (next > end) return this.#need(next - start)
      this.#handlers.onNoMessage({ first: bytes.subarray(at, next), frames: 1, bytes: size, oversize: false })
      return next
    }
    // The second frame, in the same way: by far the most of what comes.
    if (next + SHORT_HEADER > end) return this.#need(next + SHORT_HEADER - start)
    const flags2 = bytes[next] as number
    if ((flags2 & COMMAND) !== 0) return this.#interlude(bytes, start, at, next, end)
    const at2 = next + ((flags2 & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
    if (at2 > end) return this.#need(at2 - start)
    const size2 = (flags2 & LONG) === 0 ? (bytes[next + 1] as number) : readLongSize(bytes, next + 1)
    if ((flags2 & ~LONG) !== 0 || size2 > this.#maxFrame)
      return this.#discardFrom(Buffer.from(bytes.subarray(at, next)), bytes, next, end)
    const next2 = at2 + size2
    if (next2 > end) return this.#need(next2 - start)
    const handling = this.#handlers.onMessage(this.#message.set(bytes, start, at, next, at2, next2))
    if (handling !== undefined) this.#handlers.onPending(handling)
    return next2
  }

  /** Reads on within a message: behind a first frame that is kept, or in one that is passed over. */
  #continue(bytes: Buffer, start: number, end: number): number {
    if (this.#discarded !== undefined) return this.#discard(this.#discarded, bytes, start, end)
    const first = this.#first ?? NOTHING
    const flags = bytes[start] as number
    if (flags > MAX_FLAGS) return this.#fault('a frame with reserved flags', end)
    if ((flags & COMMAND) !== 0) return this.#command(bytes, start, start, end)
    const at = start + ((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
    if (at > end) return this.#need(at - start)
    const size = (flags & LONG) === 0 ? (bytes[start + 1] as number) : readLongSize(bytes, start + 1)
    if ((flags & MORE) !== 0 || size > this.#maxFrame) return this.#discardFrom(first, bytes, start, end)
    const next = at + size
    if (next > end) return this.#need(next - start)
    this.#first = undefined
    this.#inMessage = false
    const handling = this.#handlers.onMessage(this.#message.setApart(first, bytes, at, next))
    if (handling !== undefined) this.#handlers.onPending(handling)
    return next
  }

  /**
   * Reads the command whose header is at `at`, in what began at `start`.
   * @returns where the next thing begins, or INCOMPLETE
   */
  #command(bytes: Buffer, start: number, at: number, end: number): number {
    const flags = bytes[at] as number
    const body = at + ((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
    if (body > end) return this.#need(body - start)
    const size = (flags & LONG) === 0 ? (bytes[at + 1] as number) : readLongSize(bytes, at + 1)
    if (flags > MAX_FLAGS || size > MAX_COMMAND) return this.#fault(`a command of ${size} bytes`, end)
    if (body + size > end) return this.#need(body + size - start)
    const nameEnd = body + 1 + (size === 0 ? 0 : (bytes[body] as number))
    if (nameEnd > body + size) return this.#fault('a command without a name', end)
    this.#handlers.onCommand(
      bytes.toString('latin1', body + 1, nameEnd),
      bytes.subarray(nameEnd, body + size),
    )
    return body + size
  }

  /**
   * A command between the frames of a message: libzmq answers a PING there. The first frame, whose body begins at `first`, waits
   * for the second.
   */
  #interlude(bytes: Buffer, start: number, first: number, at: number, end: number): number {
    const next = this.#command(bytes, start, at, end)
    if (next === INCOMPLETE || this.#over) return next
    this.#first = Buffer.from(bytes.subarray(first, at))
    this.#inMessage = true
    return next
  }

  /** Passes over a message whose first frame is too long. */
  #discardLong(size: number, bytes: Buffer, start: number, end: number): number {
    const longTopic = size > this.#maxFirst ? size : undefined
    const what = { first: NOTHING, longTopic, frames: 0, bytes: 0, oversize: false, left: 0, more: true }
    return this.#startDiscarding(what, bytes, start, end)
  }

  /** Passes over the rest of a message, from its second frame on. */
  #discardFrom(first: Buffer, bytes: Buffer, start: number, end: number): number {
    const what = { first, longTopic: undefined, frames: 1, bytes: first.length, oversize: false }
    return this.#startDiscarding({ ...what, left: 0, more: true }, bytes, start, end)
  }

  #startDiscarding(what: Discarded, bytes: Buffer, start: number, end: number): number {
    this.#first = undefined
    this.#inMessage = true
    this.#discarded = what
    return this.#discard(what, bytes, start, end)
  }

  #discard(what: Discarded, bytes: Buffer, start: number, end: number): number {
    for (let at = start; ; ) {
      const passed = Math.min(what.left, end - at)
      what.left -= passed
      at += passed
      if (what.left > 0) return at
      if (!what.more) {
        this.#discarded = undefined
        this.#inMessage = false
        this.#handlers.onNoMessage(what)
        return at
      }
      if (at === end && at > start) return at
      const flags = bytes[at] ?? 0
      if (flags > MAX_FLAGS) return this.#fault('a frame with reserved flags', end)
      if ((flags & COMMAND) !== 0) {
        const next = this.#command(bytes, at, at, end)
        if (next === INCOMPLETE) return at > start ? at : INCOMPLETE
        if (this.#over) return next
        at = next
        continue
      }
      const body = at + ((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
      // Frames that were passed over are done with; a header must be whole.
      if (body > end) return at > start ? at : this.#need(body - at)
      what.left = (flags & LONG) === 0 ? (bytes[at + 1] as number) : readLongSize(bytes, at + 1)
      what.more = (flags & MORE) !== 0
      what.frames += 1
      what.bytes += what.left
      what.oversize ||= what.left > this.#maxFrame
      at = body
    }
  }

  #fault(reason: string, end: number): number {
    this.#over = true
    this.#handlers.onFault(reason)
    return end
  }
}
