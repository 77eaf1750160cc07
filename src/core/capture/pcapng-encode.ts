import { GroundwireError } from '../errors.ts'
import { BLOCK_BODY, BLOCK_OVERHEAD, MAX_OPTION_LENGTH, padded } from './pcapng-block.ts'

/** Makes a block from the parts of its body, options last, and adds the end-of-options mark. */
export function block(type: number, ...body: Buffer[]): Buffer {
  // The buffer is zeroed, so opt_endofopt, four zero bytes, already stands in it.
  const length = BLOCK_OVERHEAD + body.reduce((sum, part) => sum + part.length, 4)
  const out = Buffer.alloc(length)
  out.writeUInt32LE(type, 0)
  out.writeUInt32LE(length, 4)
  let at = BLOCK_BODY
  for (const part of body) at += part.copy(out, at)
  out.writeUInt32LE(length, length - 4)
  return out
}

/** A text option, in UTF-8. @throws as {@link option} */
export function text(code: number, value: string): Buffer {
  return option(code, Buffer.from(value))
}

/** A padded option. @throws {GroundwireError} `NOT_ENCODABLE` if the value is over 65,535 bytes */
export function option(code: number, value: Buffer): Buffer {
  if (value.length > MAX_OPTION_LENGTH) {
    throw new GroundwireError('NOT_ENCODABLE', `a pcapng option has up to 65535 bytes, not ${value.length}`)
  }
  const out = Buffer.alloc(4 + padded(value.length))
  out.writeUInt16LE(code, 0)
  out.writeUInt16LE(value.length, 2)
  value.copy(out, 4)
  return out
}

export function uint64(value: bigint): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigUInt64LE(value)
  return out
}

/** A time in pcapng's form: the high 32 bits come first, in either byte order. */
export function timestamp(time: bigint): Buffer {
  const out = Buffer.alloc(8)
  out.writeUInt32LE(Number(time >> 32n), 0)
  out.writeUInt32LE(Number(time & 0xffff_ffffn), 4)
  return out
}
