/** One message on the bus: its two frames, and the time it was seen. */
export interface Message {
  /** Time the message was seen, in nanoseconds since 1970-01-01T00:00:00Z. */
  readonly time: bigint
  /** The first frame, decoded from UTF-8. */
  readonly topic: string
  /** The second frame as on the wire: the payload in its publisher's codec. */
  readonly frame: Uint8Array
}
