/**
 * Cuts a stream of bytes into frames: a file, a TCP connection, a serial line.
 *
 *     for await (const chunk of stream) for (const frame of deframer.push(chunk)) handle(frame)
 *     for (const frame of deframer.end()) handle(frame)
 *
 * Chunks may break anywhere: the frames are the same. A frame is a view of its chunk where it lies within it, else a copy.
 * The deframer never writes to either, and holds one unfinished frame at most.
 */
export interface Deframer {
  /** Offset of the next frame, in bytes from the start of the stream. */
  readonly offset: number
  /** Bytes that have come and are in no frame yet: once all frames are drawn, those of the unfinished one. */
  readonly held: number
  /**
   * Takes the next bytes, of any number, and gives the frames that they complete. A frame that is not drawn from the
   * iterator comes with the next call.
   *
   * @throws {FormatError} after every frame before the faulty one, and with its offset: `MALFORMED` for
   *   bytes that can't be a frame, `OVERSIZE` for a frame over the limit, as soon as that can be seen. Where the next frame
   *   can be found (by a delimiter), the next call goes on with it; else each further call throws the same error.
   */
  push(chunk: Uint8Array): Iterable<Uint8Array>
  /**
   * Ends the stream, once all frames are drawn, and gives what is left: a last frame that nothing delimits. Where the last
   * frame must be a whole one, as on a connection that was lost, look at {@link held} instead.
   *
   * @throws {FormatError} `TRUNCATED` where frames say their length and the last one is not whole; else as `push`
   */
  end(): Iterable<Uint8Array>
}
