import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import { TappedMessage } from './message.ts'
import type { ShownMessage } from '../format/formatter.ts'
import type { CodecName } from '../wire/codec.ts'

/** The capacity of a queue of frames. */
export interface FrameQueueLimits {
  readonly messages: number
  /** The sum of their frames, in bytes. */
  readonly bytes: number
}

/**
 * A first-in, first-out queue of messages with a limit: what does not fit any more pushes out what is oldest.
 *
 * It copies frames into a ring of its own. Keeping thousands of messages as objects would cost many times their bytes,
 * and as much again in what was dropped and not collected yet.
 */
export class FrameQueue {
  readonly #limits: FrameQueueLimits
  readonly #decoding: CodecName | 'auto'
  readonly #dropped: (topic: string) => void
  /** Made when the first message comes. */
  #ring: Buffer | undefined
  /** The place of the next frame in the ring. */
  #end = 0
  /** Of the message in each slot: slots go around, and `#first` is the oldest one's. */
  readonly #starts: Float64Array
  readonly #lengths: Float64Array
  readonly #times: BigInt64Array
  readonly #ats: Float64Array
  readonly #numbers: Float64Array
  readonly #topics: string[]
  readonly #findings: (SequenceEvent | undefined)[]
  #first = 0
  #length = 0
  #bytes = 0

  /**
   * @param decoding how the frames are to be read
   * @param dropped called with the topic of each message that is pushed out
   */
  constructor(limits: FrameQueueLimits, decoding: CodecName | 'auto', dropped: (topic: string) => void) {
    const { messages } = limits
    this.#limits = limits
    this.#decoding = decoding
    this.#dropped = dropped
    this.#starts = new Float64Array(messages)
    this.#lengths = new Float64Array(messages)
    this.#times = new BigInt64Array(messages)
    this.#ats = new Float64Array(messages)
    this.#numbers = new Float64Array(messages)
    this.#topics = []
    this.#findings = []
  }

  get length(): number {
    return this.#length
  }

  /** The sum of the frames that it holds, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Fill level from 0 to 1: the fuller of the two measures. */
  get fill(): number {
    return Math.max(this.#length / this.#limits.messages, this.#bytes / this.#limits.bytes)
  }

  /** Appends a message; the oldest go until it fits. One that is larger than the whole queue is itself dropped. */
  push({ message: { time, at, topic, frame }, number, finding }: ShownMessage): void {
    const { bytes, messages } = this.#limits
    if (frame.length > bytes) return this.#dropped(topic)
    if (this.#length === messages) this.#drop()
    // An empty frame takes a byte too, so that a ring with something in it never looks empty.
    const room = Math.max(1, frame.length)
    let start = this.#place(room)
    while (start < 0) {
      this.#drop()
      start = this.#place(room)
    }
    this.#ring ??= Buffer.allocUnsafeSlow(bytes)
    this.#ring.set(frame, start)
    this.#end = start + room
    const slot = (this.#first + this.#length) % messages
    this.#starts[slot] = start
    this.#lengths[slot] = frame.length
    this.#times[slot] = time
    this.#ats[slot] = at
    this.#numbers[slot] = number
    this.#topics[slot] = topic
    this.#findings[slot] = finding
    this.#length += 1
    this.#bytes += frame.length
  }

  /** Takes the oldest message. Its frame is a view that holds until the next message is pushed. */
  shift(): ShownMessage | undefined {
    if (this.#length === 0 || this.#ring === undefined) return undefined
    const slot = this.#first
    const start = this.#starts[slot] as number
    const frame = this.#ring.subarray(start, start + (this.#lengths[slot] as number))
    const message = new TappedMessage(
      this.#times[slot] as bigint,
      this.#topics[slot] as string,
      frame,
      this.#decoding,
      this.#ats[slot],
    )
    const shown = { message, number: this.#numbers[slot] as number, finding: this.#findings[slot] }
    this.#forget()
    return shown
  }

  /** Drops all that it holds. */
  clear(): void {
    while (this.#length > 0) this.#drop()
  }

  #drop(): void {
    const topic = this.#topics[this.#first] as string
    this.#forget()
    this.#dropped(topic)
  }

  #forget(): void {
    this.#bytes -= this.#lengths[this.#first] as number
    this.#first = (this.#first + 1) % this.#limits.messages
    this.#length -= 1
    // An empty ring begins at its start again: memory that was never needed is never touched.
    if (this.#length === 0) this.#end = 0
  }

  /** The place where a frame of so many bytes fits, in one piece, ahead of the oldest. -1 if it does not fit. */
  #place(length: number): number {
    if (this.#length === 0) return 0
    const oldest = this.#starts[this.#first] as number
    // At the same place the ring is full: an empty one was dealt with.
    if (this.#end <= oldest) return this.#end + length <= oldest ? this.#end : -1
    if (this.#end + length <= this.#limits.bytes) return this.#end
    return length <= oldest ? 0 : -1
  }
}
