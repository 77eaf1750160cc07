/**
 * The first byte of each msgpack format, with the names of the specification
 * (https://github.com/msgpack/msgpack/blob/master/spec.md). The fix* formats hold a value or a length in their low bits.
 */
export const FIXMAP = 0x80
export const FIXARRAY = 0x90
export const FIXSTR = 0xa0
export const NIL = 0xc0
export const FALSE = 0xc2
export const TRUE = 0xc3
export const BIN8 = 0xc4
export const BIN16 = 0xc5
export const BIN32 = 0xc6
export const EXT8 = 0xc7
export const EXT16 = 0xc8
export const EXT32 = 0xc9
export const FLOAT32 = 0xca
export const FLOAT64 = 0xcb
export const UINT8 = 0xcc
export const UINT16 = 0xcd
export const UINT32 = 0xce
export const UINT64 = 0xcf
export const INT8 = 0xd0
export const INT16 = 0xd1
export const INT32 = 0xd2
export const INT64 = 0xd3
export const FIXEXT1 = 0xd4
export const STR8 = 0xd9
export const STR16 = 0xda
export const STR32 = 0xdb
export const ARRAY16 = 0xdc
export const ARRAY32 = 0xdd
export const MAP16 = 0xde
export const MAP32 = 0xdf
export const NEGATIVE_FIXINT = 0xe0

/** AIT's own extension types (`ait.core.server.serial`). */
export const EXT_TUPLE = 1
export const EXT_DATETIME = 2

/** Length in bytes of the shortest header of a bin with this many bytes. */
export function binHeaderLength(length: number): number {
  if (length <= 0xff) return 2
  return length <= 0xffff ? 3 : 5
}
