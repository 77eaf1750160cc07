import { DateTime, isDateTime } from './datetime.ts'
import * as format from './msgpack-format.ts'
import { Extension, float, integer, MAX_DEPTH, MAX_OBJECTS, Tuple, type Payload } from './payload.ts'
import { asBuffer, decodeUtf8 } from './utf8.ts'

/**
 * Decodes a msgpack frame. Undefined for any other frame: bytes left over, a length beyond the frame, text that is not UTF-8,
 * nesting over {@link MAX_DEPTH}, more than {@link MAX_OBJECTS}, a malformed tuple or datetime. It throws nothing, and takes
 * memory only for values that really are in the frame. Bytes are views on the frame.
 */
export function decode(frame: Uint8Array): Payload | undefined {
  return decodeBin(frame) ?? new Reader(frame).whole()
}

/** A view of the bytes of a frame that is one bin, as datagrams are published. Undefined for any other frame. */
function decodeBin(frame: Uint8Array): Uint8Array | undefined {
  const length = frame.length
  switch (frame[0] as number) {
    case format.BIN8:
      return frame[1] === length - 2 ? frame.subarray(2) : undefined
    case format.BIN16:
      return length >= 3 && uint16(frame, 1) === length - 3 ? frame.subarray(3) : undefined
    case format.BIN32:
      return length >= 5 && uint16(frame, 1) * 0x10000 + uint16(frame, 3) === length - 5
        ? frame.subarray(5)
        : undefined
    default:
      return undefined
  }
}

function uint16(frame: Uint8Array, at: number): number {
  return ((frame[at] as number) << 8) | (frame[at + 1] as number)
}

/** Reads one frame from front to back. At unreadable bytes a method returns undefined, and its caller gives up. */
class Reader {
  private readonly frame: Buffer
  private at = 0
  /** End of the innermost body: the frame, or the tuple being read. */
  private end: number
  private objects = 0

  constructor(frame: Uint8Array) {
    this.frame = asBuffer(frame)
    this.end = frame.length
  }

  whole(): Payload | undefined {
    const value = this.value(0)
    return this.at === this.end ? value : undefined
  }

  private value(depth: number): Payload | undefined {
    if (this.at >= this.end) return undefined
    const head = this.frame[this.at++] as number
    if (head < format.FIXMAP) return head
    if (head >= format.NEGATIVE_FIXINT) return head - 0x100
    if (head < format.FIXARRAY) return this.map(head & 0x0f, depth)
    if (head < format.FIXSTR) return this.array(head & 0x0f, depth)
    if (head < format.NIL) return this.text(head & 0x1f)
    return this.formatted(head, depth)
  }

  private formatted(head: number, depth: number): Payload | undefined {
    switch (head) {
      case format.NIL:
        return null
      case format.FALSE:
        return false
      case format.TRUE:
        return true
      case format.BIN8:
      case format.BIN16:
      case format.BIN32:
        return this.bin(this.length(1 << (head - format.BIN8)))
      case format.EXT8:
      case format.EXT16:
      case format.EXT32:
        return this.extension(this.length(1 << (head - format.EXT8)), depth)
      case format.FLOAT32:
      case format.FLOAT64:
        return this.float(head === format.FLOAT32 ? 4 : 8)
      case format.STR8:
      case format.STR16:
      case format.STR32:
        return this.text(this.length(1 << (head - format.STR8)))
      case format.ARRAY16:
      case format.ARRAY32:
        return this.array(this.length(head === format.ARRAY16 ? 2 : 4), depth)
      case format.MAP16:
      case format.MAP32:
        return this.map(this.length(head === format.MAP16 ? 2 : 4), depth)
      default:
        if (head >= format.UINT8 && head <= format.INT64) return this.integer(head)
        // Only fixext is left, and 0xc1, which the specification never uses.
        return head >= format.FIXEXT1 ? this.extension(1 << (head - format.FIXEXT1), depth) : undefined
    }
  }

  /** Skips this many bytes and returns their offset, or -1 if they are not all there. */
  private take(length: number): number {
    const start = this.at
    if (length > this.end - start) return -1
    this.at = start + length
    return start
  }

  /** A length of 1, 2 or 4 bytes; if it is cut, a length that no frame can hold. */
  private length(width: number): number {
    const start = this.take(width)
    return start < 0 ? Infinity : this.frame.readUIntBE(start, width)
  }

  private bytes(length: number): Buffer | undefined {
    const start = this.take(length)
    return start < 0 ? undefined : this.frame.subarray(start, this.at)
  }

  private bin(length: number): Buffer | undefined {
    return ++this.objects > MAX_OBJECTS ? undefined : this.bytes(length)
  }

  private text(length: number): string | undefined {
    const bytes = this.bytes(length)
    return bytes && decodeUtf8(bytes)
  }

  private float(width: 4 | 8): Payload | undefined {
    const start = this.take(width)
    if (start < 0) return undefined
    return float(width === 4 ? this.frame.readFloatBE(start) : this.frame.readDoubleBE(start))
  }

  private integer(head: number): number | bigint | undefined {
    const signed = head >= format.INT8
    const width = 1 << (head - (signed ? format.INT8 : format.UINT8))
    const start = this.take(width)
    if (start < 0) return undefined
    if (width === 8)
      return integer(signed ? this.frame.readBigInt64BE(start) : this.frame.readBigUInt64BE(start))
    return signed ? this.frame.readIntBE(start, width) : this.frame.readUIntBE(start, width)
  }

  /** Whether one more list or map may begin at this depth. */
  private mayNest(depth: number): boolean {
    return depth < MAX_DEPTH && ++this.objects <= MAX_OBJECTS
  }

  private array(count: number, depth: number): Payload[] | undefined {
    // An item takes at least a byte, so a larger count is refused before any memory is set aside for it.
    if (!this.mayNest(depth) || count > this.end - this.at) return undefined
    const items: Payload[] = []
    for (let index = 0; index < count; index++) {
      const item = this.value(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }

  private map(count: number, depth: number): Map<Payload, Payload> | undefined {
    if (!this.mayNest(depth) || count * 2 > this.end - this.at) return undefined
    const entries = new Map<Payload, Payload>()
    for (let index = 0; index < count; index++) {
      const key = this.value(depth + 1)
      if (key === undefined) return undefined
      const value = this.value(depth + 1)
      if (value === undefined) return undefined
      entries.set(key, value)
    }
    return entries
  }

  private extension(length: number, depth: number): Payload | undefined {
    const start = this.take(1)
    if (start < 0 || length > this.end - this.at) return undefined
    const code = this.frame.readInt8(start)
    if (code === format.EXT_TUPLE) return this.tuple(length, depth)
    const body = this.bin(length)
    if (body === undefined) return undefined
    return code === format.EXT_DATETIME ? dateTime(body) : new Extension(code, body)
  }

  /** The body of a tuple is exactly one msgpack array. It is read in place, up to its own end. */
  private tuple(length: number, depth: number): Tuple | undefined {
    const outerEnd = this.end
    this.end = this.at + length
    const items = this.value(depth)
    if (!Array.isArray(items) || this.at !== this.end) return undefined
    this.end = outerEnd
    return new Tuple(items)
  }
}

function dateTime(body: Buffer): DateTime | undefined {
  const iso = body.toString('latin1')
  return isDateTime(iso) ? new DateTime(iso) : undefined
}
