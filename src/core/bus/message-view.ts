const NOTHING = Buffer.alloc(0)

/**
 * A message of two frames, as ranges of the bytes that hold them. A decoder fills the same view for each message, so it is valid only
 * during the call that hands it over: take `frame` out of it to keep the message.
 */
export class MessageView {
  topicBytes: Buffer = NOTHING
  topicStart = 0
  topicEnd = 0
  frameBytes: Buffer = NOTHING
  frameStart = 0
  frameEnd = 0

  /** The view of two whole buffers. */
  static of(topic: Buffer, frame: Buffer): MessageView {
    const view = new MessageView()
    view.topicBytes = topic
    view.topicEnd = topic.length
    view.frameBytes = frame
    view.frameEnd = frame.length
    return view
  }

  /** The first frame, as a view. */
  get topic(): Buffer {
    return this.topicBytes.subarray(this.topicStart, this.topicEnd)
  }

  /** The second frame, as a view. */
  get frame(): Buffer {
    return this.frameBytes.subarray(this.frameStart, this.frameEnd)
  }

  get topicLength(): number {
    return this.topicEnd - this.topicStart
  }

  get frameLength(): number {
    return this.frameEnd - this.frameStart
  }
}
