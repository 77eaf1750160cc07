import { float, integer } from './payload.ts'
import { decodeUtf8, isWellFormed } from './utf8.ts'

/** Thrown to leave an unreadable pickle, and caught in `readPickle`. One shared object saves the stack traces. */
export const UNREADABLE = new Error('unreadable pickle')

/** Leaves the pickle unless the condition holds. */
export function ensure(condition: boolean): asserts condition {
  if (!condition) throw UNREADABLE
}

/** Limit of an integer, in bytes: far more than msgpack can carry, and still quick to read. */
const MAX_INTEGER_BYTES = 1024

/** Reads the arguments of opcodes, which follow them in the frame. Every method throws {@link UNREADABLE} if it can't. */
export class PickleReader {
  private readonly frame: Buffer
  private at = 0

  constructor(frame: Buffer) {
    this.frame = frame
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.frame.length - this.at
  }

  /** Skips this many bytes and returns their offset. */
  private take(length: number): number {
    const start = this.at
    ensure(length <= this.remaining)
    this.at = start + length
    return start
  }

  uint8(): number {
    return this.frame[this.take(1)] as number
  }

  uint16(): number {
    return this.frame.readUInt16LE(this.take(2))
  }

  int32(): number {
    return this.frame.readInt32LE(this.take(4))
  }

  uint32(): number {
    return this.frame.readUInt32LE(this.take(4))
  }

  /** A length of 64 bits. A number is exact enough, as no frame comes near 2**53. */
  uint64(): number {
    return Number(this.frame.readBigUInt64LE(this.take(8)))
  }

  float64(): ReturnType<typeof float> {
    return float(this.frame.readDoubleBE(this.take(8)))
  }

  /** A view on the frame. */
  bytes(length: number): Buffer {
    const start = this.take(length)
    return this.frame.subarray(start, this.at)
  }

  text(length: number): string {
    const text = decodeUtf8(this.bytes(length))
    ensure(text !== undefined)
    return text
  }

  /** An integer of this many bytes in two's complement, lowest byte first. */
  long(length: number): number | bigint {
    ensure(length <= MAX_INTEGER_BYTES)
    if (length === 0) return 0
    const hex = Buffer.from(this.bytes(length)).reverse().toString('hex')
    return integer(BigInt.asIntN(length * 8, BigInt(`0x${hex}`)))
  }

  /** The text up to the next line feed, one character per byte. */
  line(): string {
    const end = this.frame.indexOf(0x0a, this.at)
    ensure(end >= 0)
    const line = this.frame.toString('latin1', this.at, end)
    this.at = end + 1
    return line
  }

  /** The decimal digits of an index in the memo. */
  indexLine(): number {
    const line = this.line()
    ensure(/^\d{1,10}$/.test(line))
    return Number(line)
  }

  /** A decimal integer. Protocols 0 and 1 write False and True as `00` and `01`. */
  intLine(): number | bigint | boolean {
    const line = this.line()
    if (line === '00' || line === '01') return line === '01'
    return decimal(line)
  }

  /** A decimal integer with an L after it. */
  longLine(): number | bigint {
    return decimal(this.line().replace(/L$/, ''))
  }

  /** A float as Python's repr writes it. */
  floatLine(): ReturnType<typeof float> {
    const line = this.line()
    if (line === 'nan') return Number.NaN
    ensure(/^-?(?:inf|\d+(?:\.\d*)?(?:e[+-]?\d+)?)$/.test(line))
    return float(Number(line.replace('inf', 'Infinity')))
  }

  /** Text in Python's raw-unicode-escape: Latin-1, except for `\uXXXX` and `\UXXXXXXXX`. */
  escapedLine(): string {
    const text = this.line().replaceAll(
      /\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})/g,
      (_escape, short?: string, long?: string) => {
        const codePoint = Number.parseInt(short ?? long ?? '', 16)
        ensure(codePoint <= 0x10_ffff)
        return String.fromCodePoint(codePoint)
      },
    )
    ensure(isWellFormed(text))
    return text
  }
}

function decimal(digits: string): number | bigint {
  ensure(digits.length <= 2 * MAX_INTEGER_BYTES && /^-?\d+$/.test(digits))
  return integer(BigInt(digits))
}
