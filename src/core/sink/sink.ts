/** A destination for chunks of bytes, one after another. */
export interface Sink {
  /** Its name in messages: `standard output`, or the file's path. */
  readonly name: string
  /** Bytes that go in before the next file begins: infinite if there is no next one, 0 if it is due. */
  readonly room: number
  /**
   * Writes a chunk; the next may follow when it resolves. The chunk is not kept.
   * @throws {WriteError} when not all of it could be written
   */
  write(chunk: Uint8Array): Promise<void>
  /** Begins the next file. @throws {GroundwireError} IO, when it can't be opened */
  next(): Promise<void>
  /** Takes back the last so many bytes that were written, if it can: half a message, on a full disk. */
  takeBack(bytes: number): Promise<void>
  /** Ends it. A write that is under way is given up, if it can be. */
  close(): Promise<void>
}

/** A chunk was not written, or only its beginning was. */
export class WriteError extends Error {
  override readonly name = 'WriteError'
  /** Bytes of the chunk that were written. */
  readonly written: number
  /** The reader has gone: nothing has failed. */
  readonly readerGone: boolean

  constructor(cause: NodeJS.ErrnoException, written: number) {
    super(cause.message, { cause })
    this.written = written
    this.readerGone = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(cause.code ?? '')
  }
}
