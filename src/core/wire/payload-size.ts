import { BIN16, BIN32, BIN8, FIXSTR, NIL, STR16, STR32, STR8 } from './msgpack-format.ts'

/**
 * Size of a payload in bytes, from its frame without decoding it: the content's if the frame is one bin or str of msgpack,
 * else the frame's. So a datagram has the same size along the whole of a chain. The frame stands in `bytes`, from `start` to `end`.
 */
export function payloadSize(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const size = end - start
  const format = bytes[start] as number
  if (size === 0) return 0
  if (format >= FIXSTR && format < NIL) return size === 1 + (format & 0x1f) ? size - 1 : size
  const header = 1 + lengthWidth(format)
  if (header === 1 || size < header) return size
  let length = 0
  for (let i = start + 1; i < start + header; i++) length = length * 0x100 + (bytes[i] as number)
  return size === header + length ? length : size
}

/** Width of a bin's or str's length field, in bytes; 0 for any other format. */
function lengthWidth(format: number): number {
  switch (format) {
    case BIN8:
    case STR8:
      return 1
    case BIN16:
    case STR16:
      return 2
    case BIN32:
    case STR32:
      return 4
    default:
      return 0
  }
}
