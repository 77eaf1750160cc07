import { isUtf8 } from 'node:buffer'
import { asBuffer } from '../wire/utf8.ts'

/** Each byte as ASCII, or \xNN where it is a control character or none of ASCII's. */
const ESCAPED = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
)

/**
 * Characters that do something to a terminal or to the order of its text: C0, DEL and C1, line and paragraph separators,
 * and the marks, overrides and isolates of Unicode's bidirectional algorithm (UAX 9, section 2).
 */
// oxlint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const ALL_ACTIVE = new RegExp(ACTIVE, 'g')

/** Text that can neither drive a terminal nor feign its lines: active characters are written as \xNN or \uNNNN. */
export function printable(text: string): string {
  // Most text has none, and to look for one is a fifth of what replacing none costs.
  if (!ACTIVE.test(text)) return text
  return text.replaceAll(
    ALL_ACTIVE,
    character => ESCAPED[character.charCodeAt(0)] ?? unicodeEscape(character),
  )
}

/**
 * The same for a text that is JSON: it stays JSON, of the same value, and one line for every reader's notion of a line.
 * In JSON these occur only within strings, except the white space that JSON itself is laid out with.
 */
export function printableJson(json: string): string {
  if (!ACTIVE.test(json)) return json
  return json.replaceAll(ALL_ACTIVE, character => (character === '\n' ? character : unicodeEscape(character)))
}

/** Bytes as text that can't drive a terminal. Where they are not UTF-8, every byte that is not ASCII is \xNN too. */
export function printableBytes(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes)
  if (isUtf8(buffer)) return printable(buffer.toString('utf8'))
  let text = ''
  for (const byte of bytes) text += ESCAPED[byte]
  return text
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
