import { UsageError } from './errors.ts'

const LINE = 16
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * Bytes as `hexdump -C` prints them: offset, sixteen bytes with a gap after the eighth, the same as ASCII between bars,
 * and the length as the last line. Lines that repeat the one before are one `*`, as there.
 *
 * @returns lines that each end with a newline; nothing at all for no bytes.
 */
export function hexdump(bytes: Uint8Array): string {
  let out = ''
  let starred = false
  for (let at = 0; at < bytes.length; at += LINE) {
    const repeats = at > 0 && repeatsLineBefore(bytes, at)
    if (!repeats) out += hexdumpLine(bytes, at)
    else if (!starred) out += '*\n'
    starred = repeats
  }
  return bytes.length === 0 ? '' : `${out}${offset(bytes.length)}\n`
}

function hexdumpLine(bytes: Uint8Array, at: number): string {
  const line = bytes.subarray(at, at + LINE)
  let hex = ''
  let ascii = ''
  for (let i = 0; i < line.length; i++) {
    const byte = line[i] as number
    hex += i === LINE / 2 ? '  ' : ' '
    hex += HEX[byte]
    ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  }
  return `${offset(at)} ${hex.padEnd(LINE * 3 + 1)}  |${ascii}|\n`
}

function repeatsLineBefore(bytes: Uint8Array, at: number): boolean {
  if (at + LINE > bytes.length) return false
  for (let i = at; i < at + LINE; i++) if (bytes[i] !== bytes[i - LINE]) return false
  return true
}

function offset(at: number): string {
  return at.toString(16).padStart(8, '0')
}

/**
 * Reads bytes in hexadecimal: two digits each, in either case. White space or colons may stand between bytes, and `0x`
 * before them: `0801c568`, `08 01 C5 68`, `08:01:c5:68` and `0x08 0x01` are all fine.
 *
 * @throws {UsageError} for anything else: it names the character and where it stands, counted from 1.
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
