import { MessageView } from '../message-view.ts'
import { SharedBytes } from './shared-bytes.ts'

const NOTHING = Buffer.alloc(0)

/** A message of two frames as it stands on the wire, so that it can be forwarded without being encoded again. */
export class WireMessage extends MessageView {
  /** Where its first frame's header begins in `topicBytes`; -1 if its frames were not read in one piece. */
  start = -1
  #source: SharedBytes | undefined

  /** Points it at a message that stands in one piece, from `start` to `frameEnd`. */
  set(
    bytes: Buffer,
    start: number,
    topicStart: number,
    topicEnd: number,
    frameStart: number,
    frameEnd: number,
  ): this {
    this.start = start
    this.topicBytes = bytes
    this.topicStart = topicStart
    this.topicEnd = topicEnd
    this.frameBytes = bytes
    this.frameStart = frameStart
    this.frameEnd = frameEnd
    return this
  }

  /** Points it at a message whose first frame was kept while commands came between the two. */
  setApart(topic: Buffer, bytes: Buffer, frameStart: number, frameEnd: number): this {
    this.set(topic, -1, 0, topic.length, frameStart, frameEnd)
    this.frameBytes = bytes
    return this
  }

  /** Lets go of the bytes: an idle connection must not hold the last ones that it brought. */
  clear(): void {
    this.set(NOTHING, -1, 0, 0, 0, 0)
    this.#source = undefined
  }

  /** The bytes that hold it, for those that it is written to. */
  get source(): SharedBytes {
    if (this.#source?.bytes !== this.topicBytes) this.#source = new SharedBytes(this.topicBytes)
    return this.#source
  }
}
