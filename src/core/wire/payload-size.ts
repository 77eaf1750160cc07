import { BIN16, BIN32, BIN8, FIXSTR, NIL, STR16, STR32, STR8 } from './msgpack-format.ts'

/**
 * Size of a payload in bytes, from its frame without decoding it: the content's if the frame is one bin or str of msgpack,
 * else the frame's. So a datagram has the same size along the whole of a chain.
 */
export function payloadSize(frame: Uint8Array): number {
  const header = headerLength(frame)
  return header === undefined ? frame.length : frame.length - header
}

/** Bytes before the content. Undefined unless the frame is exactly one bin or str. */
function headerLength(frame: Uint8Array): number | undefined {
  const format = frame[0] ?? NIL
  if (format >= FIXSTR && format < NIL) return frame.length === 1 + (format & 0x1f) ? 1 : undefined
  const width = LENGTH_WIDTH.get(format)
  if (width === undefined || frame.length <= width) return undefined
  let length = 0
  for (let i = 1; i <= width; i++) length = length * 0x100 + (frame[i] as number)
  return frame.length === 1 + width + length ? 1 + width : undefined
}

/** Width of the length field in bytes, by format. */
const LENGTH_WIDTH = new Map([
  [BIN8, 1],
  [BIN16, 2],
  [BIN32, 4],
  [STR8, 1],
  [STR16, 2],
  [STR32, 4],
])
