import type { DecoderHandlers, DecoderLimits } from './decoder-options.ts'
import { COMMAND, LONG, LONG_HEADER, MAX_FLAGS, MORE, readLongSize, SHORT_HEADER } from './frame.ts'
import type { Holder, Reassembly } from './reassembly.ts'
import type { Turns } from './turns.ts'

/** The largest command: its name, and the prefix of a subscription, which is 64 KiB at the most. */
const MAX_COMMAND = 64 * 1024 + 16
/** What is set aside at first for the rest of a large message: a size that is only claimed costs no memory. */
const FIRST_RESERVE = 64 * 1024

/** Room for what is read next, so that a message is not copied for the header of its second frame. */
const NEXT_HEADERS = 256

/** Messages or commands of a chunk that do not wait for a turn: a connection that brings little is never kept waiting. */
const FREE_UNITS = 32

const NOTHING = Buffer.alloc(0)
/** The buffer for a large message grows by this factor, so that it holds little that has not come, and is seldom copied. */
const GROWTH = 4
const TOO_MUCH_HELD = 'it held the most when too much had come of messages that were not whole'
/** What was looked at is not all there yet. */
const INCOMPLETE = -1

/** A message that is passed over because it is none, frame by frame and without keeping it. */
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
 * What is complete in a chunk is handed on as views of it. What is not is gathered in a buffer of its own, exactly as long as
 * it needs, so that nothing but that one message is ever copied.
 */
export class Decoder implements Holder {
  readonly #handlers: DecoderHandlers
  readonly #maxFrame: number
  readonly #maxFirst: number
  readonly #reassembly: Reassembly | undefined
  readonly #turns: Turns | undefined
  /** The beginning of a message or command, and how many bytes of it are here, and needed before more can be said of it. */
  #partial: Buffer = NOTHING
  #have = 0
  #needed = 0
  /** Bytes that are counted as held. */
  #counted = 0
  /** The next frame is not the first of a message: it goes on with `#first`, or with what is discarded. */
  #inMessage = false
  #discarded: Discarded | undefined
  /** The first frame of a message, while commands come before the second. It is copied once, however many these are. */
  #first: Buffer | undefined
  /** A message's handler is not done: what comes meanwhile is held. */
  #waiting = false
  #held: Buffer[] = []
  #over = false

  constructor(handlers: DecoderHandlers, { maxFrame, maxFirst, reassembly, turns }: DecoderLimits) {
    this.#handlers = handlers
    this.#maxFrame = maxFrame
    this.#maxFirst = maxFirst
    this.#reassembly = reassembly
    this.#turns = turns
  }

  /** Reads no further. */
  stop(): void {
    this.#over = true
    this.#held = []
    this.#partial = NOTHING
    this.#have = 0
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

  /** Hands on at once what is held, and waits for no handler any more. */
  release(): void {
    const held = this.#held
    this.#held = []
    this.#waiting = false
    for (const chunk of held) this.push(chunk)
  }

  /** Whether a message's handler is not done. */
  get waiting(): boolean {
    return this.#waiting
  }

  push(chunk: Buffer): void {
    for (let at = 0, units = 1; at < chunk.length && !this.#over; units++) {
      if (this.#waiting) {
        this.#held.push(chunk.subarray(at))
        return
      }
      at = this.#have > 0 ? this.#gather(chunk, at) : this.#read(chunk, at)
      const turn = units >= FREE_UNITS && !this.#waiting ? this.#turns?.next() : undefined
      if (turn !== undefined) void this.#wait(turn)
    }
  }

  #read(chunk: Buffer, at: number): number {
    const next = this.#unit(chunk, at, chunk.length)
    return next === INCOMPLETE ? this.#gather(chunk, at) : next
  }

  /** Adds to the beginning that is here what it needs of a chunk. @returns where the rest of the chunk begins */
  #gather(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#needed - this.#have, chunk.length - at)
    this.#reserve(this.#have + taken)
    chunk.copy(this.#partial, this.#have, at, at + taken)
    this.#have += taken
    if (this.#have === this.#needed) {
      const [unit, length] = [this.#partial, this.#have]
      this.#partial = NOTHING
      this.#have = 0
      if (this.#unit(unit, 0, length) === INCOMPLETE) {
        this.#partial = unit
        this.#have = length
      }
    }
    this.#count(this.#have + (this.#first?.length ?? 0))
    return at + taken
  }

  #count(held: number): void {
    if (this.#reassembly === undefined || held === this.#counted) return
    const more = held - this.#counted
    this.#counted = held
    this.#reassembly.count(this, more)
  }

  #reserve(length: number): void {
    if (length <= this.#partial.length) return
    const enough = Math.max(length + NEXT_HEADERS, GROWTH * this.#partial.length, FIRST_RESERVE)
    const larger = Buffer.allocUnsafe(Math.min(this.#needed + NEXT_HEADERS, enough))
    this.#partial.copy(larger, 0, 0, this.#have)
    this.#partial = larger
  }

  #need(bytes: number): typeof INCOMPLETE {
    this.#needed = bytes
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
    const handling = this.#handlers.onMessage(bytes.subarray(at, next), bytes.subarray(at2, next2))
    if (handling !== undefined) void this.#wait(handling)
    return next2
  }

  /** Goes on within a message: after a first frame that is kept, or with one that is passed over. */
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
    const handling = this.#handlers.onMessage(first, bytes.subarray(at, next))
    if (handling !== undefined) void this.#wait(handling)
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
      // What has been passed over is done with; a header must be whole.
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

  async #wait(handling: Promise<void>): Promise<void> {
    this.#waiting = true
    this.#handlers.onPause()
    await handling
    // Not so once it has been released.
    if (!this.#waiting) return
    this.#waiting = false
    const held = this.#held
    this.#held = []
    for (const chunk of held) this.push(chunk)
    // One of these may have a handler that is not done either.
    if (!this.#waiting) this.#handlers.onResume()
  }
}
