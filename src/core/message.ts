/** One message as it stands on the bus: two frames, and when it was seen. */
export interface Message {
  /** When it was seen, in nanoseconds since 1970-01-01T00:00:00Z. */
  readonly time: bigint
  /** The first frame, read as UTF-8. */
  readonly topic: string
  /** The second frame, as it was on the wire: the payload as its publisher's codec wrote it. */
  readonly frame: Uint8Array
}
