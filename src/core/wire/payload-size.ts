import { BIN16, BIN32, BIN8, FIXSTR, NIL, STR16, STR32, STR8 } from './msgpack-format.ts'

/**
 * The bytes of a payload, told from its frame without decoding it: those within a bin or str of msgpack that takes up the
 * whole frame, and those of the frame for all else. So a datagram has the same size along the whole of a chain.
 */
export function payloadSize(frame: Uint8Array): number {
  const header = headerLength(frame)
  return header === undefined ? frame.length : frame.length - header
}

/** Bytes before the content. Undefined unless the frame is one bin or str, whole and alone. */
function headerLength(frame: Uint8Array): number | undefined {
  const format = frame[0] ?? NIL
  if (format >= FIXSTR && format < NIL) return frame.length === 1 + (format & 0x1f) ? 1 : undefined
  const width = LENGTH_WIDTH.get(format)
  if (width === undefined || frame.length <= width) return undefined
  let length = 0
  for (let i = 1; i <= width; i++) length = length * 0x100 + (frame[i] as number)
  return frame.length === 1 + width + length ? 1 + width : undefined
}

/** Bytes of the length field, by format. */
const LENGTH_WIDTH = new Map([
  [BIN8, 1],
  [BIN16, 2],
  [BIN32, 4],
  [STR8, 1],
  [STR16, 2],
  [STR32, 4],
])
