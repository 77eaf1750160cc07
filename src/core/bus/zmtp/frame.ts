// Frames of ZMTP 3 (RFC 37, section "Framing"): a byte of flags, the size in one byte or in eight, and as many bytes.

/** Another frame of the same message follows. */
export const MORE = 1
/** The size has eight bytes, in network order. */
export const LONG = 2
/** A command, and no part of a message. */
export const COMMAND = 4
/** The greatest value of the flags' byte: its other bits are reserved, and 0. */
export const MAX_FLAGS = MORE | LONG | COMMAND

/** The largest command that is taken: its name, and the prefix of a subscription, which is 64 KiB at the most. In bytes. */
export const MAX_COMMAND = 64 * 1024 + 16

export const SHORT_HEADER = 2
export const LONG_HEADER = 9

/** Bytes before the body of a frame that is written. */
export function headerLength(size: number): number {
  return size > 0xff ? LONG_HEADER : SHORT_HEADER
}

/** Writes a frame's header. @returns where its body begins */
export function writeHeader(into: Buffer, at: number, flags: number, size: number): number {
  if (size <= 0xff) {
    into[at] = flags
    into[at + 1] = size
    return at + SHORT_HEADER
  }
  into[at] = flags | LONG
  into.writeUInt32BE(Math.floor(size / 0x1_0000_0000), at + 1)
  into.writeUInt32BE(size >>> 0, at + 5)
  return at + LONG_HEADER
}

/** Reads a size of eight bytes; what is over 2**53 is not exact, and too large for anybody. */
export function readLongSize(from: Buffer, at: number): number {
  return from.readUInt32BE(at) * 0x1_0000_0000 + from.readUInt32BE(at + 4)
}
