import { isDate } from 'node:util/types'
import { DateTime } from './datetime.ts'
import * as format from './msgpack-format.ts'
import { NotEncodable } from './not-encodable.ts'
import { Extension, Float64, MAX_DEPTH, Tuple, type PayloadInput, viewOf } from './payload.ts'
import { isWellFormed } from './utf8.ts'

const MAX_LENGTH = 0xffff_ffff

/**
 * Encodes a value as a msgpack frame, with the shortest header for each item, as Python's msgpack packs it for AIT
 * (`use_bin_type=True`, floats as float64).
 *
 * @throws {GroundwireError} `NOT_ENCODABLE` for a value that msgpack or AIT has no form for: undefined, a function, an object
 *   of a class without `toJSON`, an integer over 64 bits, text with half of a surrogate pair, nesting over {@link MAX_DEPTH}.
 *   The message names the place in the payload: `telemetry.mode[3]`.
 */
export function encode(payload: PayloadInput): Buffer {
  if (payload instanceof Uint8Array) return encodeBin(payload)
  try {
    return new Writer().whole(payload)
  } catch (error) {
    throw error instanceof NotEncodable ? error.toError() : error
  }
}

/** Encodes bytes as a msgpack frame, as datagrams are published: header and bytes in one allocation. */
export function encodeBin(bytes: Uint8Array): Buffer {
  const length = bytes.length
  const header = format.binHeaderLength(length)
  const frame = Buffer.allocUnsafe(header + length)
  writeBinHeader(frame, 0, length)
  frame.set(bytes, header)
  return frame
}

function writeBinHeader(frame: Buffer, at: number, length: number): number {
  if (length <= 0xff) {
    frame[at] = format.BIN8
    frame[at + 1] = length
    return at + 2
  }
  if (length <= 0xffff) {
    frame[at] = format.BIN16
    frame[at + 1] = length >>> 8
    frame[at + 2] = length
    return at + 3
  }
  if (length > MAX_LENGTH) throw new NotEncodable(`${length} bytes`, 'a length has 32 bits').toError()
  frame[at] = format.BIN32
  return frame.writeUInt32BE(length, at + 1)
}

/** Writes one value into a buffer that grows as needed. */
class Writer {
  private frame = Buffer.allocUnsafe(256)
  private at = 0

  whole(payload: PayloadInput): Buffer {
    this.value(payload, 0)
    return this.frame.subarray(0, this.at)
  }

  private value(value: PayloadInput, depth: number): void {
    switch (typeof value) {
      case 'string':
        return this.text(value)
      case 'number':
        // Beyond the safe integers a number is a float, and so is -0, which integers lack.
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? this.integer(value) : this.float(value)
      case 'bigint':
        return this.bigint(value)
      case 'boolean':
        return this.byte(value ? format.TRUE : format.FALSE)
      case 'object':
        return value === null ? this.byte(format.NIL) : this.object(value, depth)
      case 'undefined':
        throw new NotEncodable('undefined')
      case 'function':
      case 'symbol':
        throw new NotEncodable(`a ${typeof value}`)
    }
  }

  /** @param asked whether an object's `toJSON` returned it: its own `toJSON` is not called then, as in JSON.stringify */
  private object(value: object, depth: number, asked = false): void {
    if (value instanceof Uint8Array) return this.bin(value)
    if (value instanceof Float64) return this.float(value.value)
    if (value instanceof DateTime)
      return this.extension(format.EXT_DATETIME, Buffer.from(value.iso, 'latin1'))
    if (value instanceof Extension) return this.extension(value.code, value.data)
    if (isDate(value)) return this.date(value)
    const bytes = viewOf(value)
    if (bytes !== undefined) return this.bin(bytes)
    if (depth >= MAX_DEPTH) throw new NotEncodable('a value', `it is nested over ${MAX_DEPTH} levels`)
    if (Array.isArray(value)) return this.array(value as PayloadInput[], depth)
    if (value instanceof Tuple) return this.tuple(value, depth)
    if (value instanceof Map) return this.map(value.size, value as Map<PayloadInput, PayloadInput>, depth)
    if (!asked && 'toJSON' in value && typeof value.toJSON === 'function') {
      const json: unknown = value.toJSON('')
      if (typeof json === 'object' && json !== null) return this.object(json, depth, true)
      return this.value(json as PayloadInput, depth)
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      throw new NotEncodable(`an object of class ${value.constructor?.name || 'unknown'}`)
    const entries = Object.entries(value as Record<string, PayloadInput>)
    return this.map(entries.length, entries, depth)
  }

  /** Sets bytes aside, growing the buffer at least twofold, and returns their offset. */
  private reserve(length: number): number {
    const start = this.at
    const needed = start + length
    if (needed > this.frame.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.frame.length * 2))
      larger.set(this.frame.subarray(0, start))
      this.frame = larger
    }
    this.at = needed
    return start
  }

  private byte(value: number): void {
    const start = this.reserve(1)
    this.frame[start] = value
  }

  /** A format byte, then a number of this many bytes. */
  private sized(head: number, width: number, value: number): void {
    const start = this.reserve(1 + width)
    this.frame[start] = head
    if (value < 0) this.frame.writeIntBE(value, start + 1, width)
    else this.frame.writeUIntBE(value, start + 1, width)
  }

  private integer(value: number): void {
    if (value > 0xffff_ffff || value < -0x8000_0000) return this.bigint(BigInt(value))
    if (value >= 0) {
      if (value < 0x80) this.byte(value)
      else if (value <= 0xff) this.sized(format.UINT8, 1, value)
      else if (value <= 0xffff) this.sized(format.UINT16, 2, value)
      else this.sized(format.UINT32, 4, value)
    } else if (value >= -0x20) this.byte(value + 0x100)
    else if (value >= -0x80) this.sized(format.INT8, 1, value)
    else if (value >= -0x8000) this.sized(format.INT16, 2, value)
    else this.sized(format.INT32, 4, value)
  }

  private bigint(value: bigint): void {
    if (value >= -0x8000_0000n && value <= 0xffff_ffffn) return this.integer(Number(value))
    const fits = value < 0n ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value
    if (!fits) throw new NotEncodable('an integer over 64 bits')
    const start = this.reserve(9)
    this.frame[start] = value < 0n ? format.INT64 : format.UINT64
    this.frame.writeBigUInt64BE(BigInt.asUintN(64, value), start + 1)
  }

  private float(value: number): void {
    const start = this.reserve(9)
    this.frame[start] = format.FLOAT64
    // A number may hold the bits of another nan, and the engine may or may not write them out.
    this.frame.writeDoubleBE(Number.isNaN(value) ? Number.NaN : value, start + 1)
  }

  private text(value: string): void {
    const length = Buffer.byteLength(value)
    if (length !== value.length && !isWellFormed(value)) {
      throw new NotEncodable('text with half of a surrogate pair', 'it has no UTF-8 form')
    }
    if (length < 0x20) this.byte(format.FIXSTR | length)
    else if (length <= 0xff) this.sized(format.STR8, 1, length)
    else this.long(format.STR16, length)
    const start = this.reserve(length)
    this.frame.write(value, start)
  }

  private bin(bytes: Uint8Array): void {
    const header = this.reserve(format.binHeaderLength(bytes.length))
    writeBinHeader(this.frame, header, bytes.length)
    const start = this.reserve(bytes.length)
    this.frame.set(bytes, start)
  }

  private array(items: readonly PayloadInput[], depth: number): void {
    if (items.length < 0x10) this.byte(format.FIXARRAY | items.length)
    else this.long(format.ARRAY16, items.length)
    for (let index = 0; index < items.length; index++)
      this.within('item', index, items[index] as PayloadInput, depth)
  }

  private map(size: number, entries: Iterable<readonly [PayloadInput, PayloadInput]>, depth: number): void {
    if (size < 0x10) this.byte(format.FIXMAP | size)
    else this.long(format.MAP16, size)
    for (const [key, value] of entries) {
      this.within('key', key, key, depth)
      this.within('value', key, value, depth)
    }
  }

  /** A value within a list or a map. If it has no form, the error names its place. */
  private within(part: 'item' | 'key' | 'value', at: PayloadInput, value: PayloadInput, depth: number): void {
    try {
      this.value(value, depth + 1)
    } catch (error) {
      if (error instanceof NotEncodable) error.isWithin(part, at)
      throw error
    }
  }

  private date(date: Date): void {
    if (Number.isNaN(date.getTime())) throw new NotEncodable('a Date that is no time')
    const year = date.getUTCFullYear()
    if (year < 1 || year > 9999) throw new NotEncodable('a Date beyond the years 1 to 9999')
    this.extension(format.EXT_DATETIME, Buffer.from(DateTime.fromDate(date).iso, 'latin1'))
  }

  /** Writes a 16-bit length, or a 32-bit one with the format byte that follows `format16`. */
  private long(format16: number, length: number): void {
    if (length <= 0xffff) return this.sized(format16, 2, length)
    if (length > MAX_LENGTH) throw new NotEncodable(`a value of length ${length}`, 'a length has 32 bits')
    return this.sized(format16 + 1, 4, length)
  }

  private extension(code: number, data: Uint8Array): void {
    this.extensionHeader(code, data.length)
    const start = this.reserve(data.length)
    this.frame.set(data, start)
  }

  private extensionHeader(code: number, length: number): void {
    const isPowerOfTwo = length > 0 && length <= 16 && (length & (length - 1)) === 0
    if (isPowerOfTwo) this.byte(format.FIXEXT1 + Math.log2(length))
    else if (length <= 0xff) this.sized(format.EXT8, 1, length)
    else this.long(format.EXT16, length)
    this.byte(code & 0xff)
  }

  /** Writes the body first and then moves it up for the header, which needs the body's length. */
  private tuple(tuple: Tuple, depth: number): void {
    const start = this.at
    this.array(tuple.items, depth)
    const length = this.at - start
    this.at = start
    const body = Buffer.from(this.frame.subarray(start, start + length))
    this.extension(format.EXT_TUPLE, body)
  }
}
