/** Default size of a datagram, in bytes. */
export const DATAGRAM_BYTES = 256

/** Header of a datagram: the number of its source, and its sequence number there, both 32 bits, big-endian. */
export interface Head {
  readonly source: number
  /** Counts up from 0 without a gap. */
  readonly sequence: number
}

export function writeHead(datagram: Buffer, { source, sequence }: Head): void {
  datagram.writeUInt32BE(source, 0)
  datagram.writeUInt32BE(sequence, 4)
}

export function readHead(bytes: Buffer, offset: number): Head {
  return { source: bytes.readUInt32BE(offset), sequence: bytes.readUInt32BE(offset + 4) }
}
