import { isUtf8 } from 'node:buffer'
import { asBuffer } from '../wire/utf8.ts'

/** Each byte as printable ASCII, or as \xNN. */
const ESCAPED = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
)

/**
 * Characters that affect a terminal or the order of its text: C0, DEL and C1, line and paragraph separators, and the
 * marks, overrides and isolates of Unicode's bidirectional algorithm (UAX 9, section 2).
 */
// oxlint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const ALL_ACTIVE = new RegExp(ACTIVE, 'g')

/**
 * Makes text safe for a terminal: active characters become \xNN or \uNNNN, so it can neither drive the terminal nor
 * forge its lines.
 */
export function printable(text: string): string {
  // Most text has no active characters, and a test costs a fifth of a replacement that finds none.
  if (!ACTIVE.test(text)) return text
  return text.replaceAll(
    ALL_ACTIVE,
    character => ESCAPED[character.charCodeAt(0)] ?? unicodeEscape(character),
  )
}

/**
 * Makes JSON text safe for a terminal. It stays JSON of the same value, on one line for every reader's notion of a
 * line: active characters occur only within strings, apart from the white space of JSON's own layout.
 */
export function printableJson(json: string): string {
  if (!ACTIVE.test(json)) return json
  return json.replaceAll(ALL_ACTIVE, character => (character === '\n' ? character : unicodeEscape(character)))
}

/** Decodes bytes into text that can't drive a terminal. If they are not UTF-8, every byte outside ASCII becomes \xNN too. */
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
