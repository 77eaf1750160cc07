import { UsageError } from './errors.ts'

/** Bytes in one line of a dump. */
const LINE = 16
/** Bytes between two gaps. */
const GROUP = 8
/** Columns of a whole line, including its newline: offset, hex with the gap, bars around ASCII. */
const WIDTH = 79
const ASCII_COLUMN = 60
const DIGITS = Buffer.from('0123456789abcdef')
const [SPACE, BAR, DOT, STAR, NEWLINE] = Buffer.from(' |.*\n') as unknown as [
  number,
  number,
  number,
  number,
  number,
]

/**
 * Formats bytes like `hexdump -C`: offset, sixteen bytes with a gap after the eighth, the same as ASCII between bars,
 * and the length as the last line. Repeated lines become one `*`.
 *
 * @returns lines that each end with a newline; an empty text for no bytes
 */
export function hexdump(bytes: Uint8Array): string {
  return hexdumpBytes(bytes).toString('latin1')
}

/** Like {@link hexdump}, but returns the ASCII as bytes. */
export function hexdumpBytes(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0)
  const out = Buffer.allocUnsafe((Math.ceil(bytes.length / LINE) + 1) * WIDTH)
  let end = 0
  let starred = false
  for (let at = 0; at < bytes.length; at += LINE) {
    const repeats = at > 0 && repeatsLineBefore(bytes, at)
    if (!repeats) end = writeLine(out, end, bytes, at)
    else if (!starred) {
      out[end++] = STAR
      out[end++] = NEWLINE
    }
    starred = repeats
  }
  end = writeOffset(out, end, bytes.length)
  out[end++] = NEWLINE
  return out.subarray(0, end)
}

/** Writes one line with the bytes from `from` on. @returns the end of the line */
function writeLine(out: Buffer, start: number, bytes: Uint8Array, from: number): number {
  const count = Math.min(LINE, bytes.length - from)
  let column = writeOffset(out, start, from)
  let ascii = start + ASCII_COLUMN
  out[column++] = SPACE
  out[ascii++] = BAR
  for (let i = 0; i < count; i++) {
    const byte = bytes[from + i] as number
    if (i % GROUP === 0) out[column++] = SPACE
    out[column++] = DIGITS[byte >> 4] as number
    out[column++] = DIGITS[byte & 0xf] as number
    out[column++] = SPACE
    out[ascii++] = byte >= 0x20 && byte < 0x7f ? byte : DOT
  }
  out[ascii++] = BAR
  out[ascii++] = NEWLINE
  while (column < start + ASCII_COLUMN) out[column++] = SPACE
  return ascii
}

function writeOffset(out: Buffer, start: number, offset: number): number {
  for (let digit = 0; digit < 8; digit++) {
    out[start + digit] = DIGITS[(offset >>> (28 - 4 * digit)) & 0xf] as number
  }
  return start + 8
}

function repeatsLineBefore(bytes: Uint8Array, at: number): boolean {
  if (at + LINE > bytes.length) return false
  for (let i = at; i < at + LINE; i++) if (bytes[i] !== bytes[i - LINE]) return false
  return true
}

/**
 * Parses hexadecimal bytes: two digits each, upper or lower case. White space or colons may separate bytes, and `0x`
 * may precede them: `0801c568`, `08 01 C5 68`, `08:01:c5:68` and `0x08 0x01` are all valid.
 *
 * @throws {UsageError} for anything else, naming the character and its position, counted from 1
 */
export function parseHex(text: string): Buffer {
  let all = ''
  for (const { 0: group, index } of text.matchAll(/[^\s:]+/gu)) {
    const prefix = /^0x/i.test(group) ? 2 : 0
    const bad = group.slice(prefix).search(/[^0-9a-f]/iu)
    if (bad >= 0) {
      const character = String.fromCodePoint(group.codePointAt(prefix + bad) as number)
      throw new UsageError(`'${character}' at character ${index + prefix + bad + 1} is no hexadecimal digit`)
    }
    if (group.length === prefix || group.length % 2 !== 0) {
      const shown = group.length > 20 ? `${group.slice(0, 20)}…` : group
      const digits = digitsOf(group.length - prefix)
      throw new UsageError(`'${shown}' at character ${index + 1} has ${digits}, not two a byte`)
    }
    all += group.slice(prefix)
  }
  return Buffer.from(all, 'hex')
}

function digitsOf(count: number): string {
  return count === 0 ? 'no digits' : `${count} digit${count === 1 ? '' : 's'}`
}
