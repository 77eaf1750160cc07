import { isUtf8 } from 'node:buffer'
import { asBuffer } from '../wire/utf8.ts'

/** Each byte as ASCII, or \xNN where it is a control character or none of ASCII's. */
const ESCAPED = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
)

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const CONTROLS = new RegExp(CONTROL, 'g')

/** Text that can't drive a terminal: control characters are written as \xNN, as in C. */
export function printable(text: string): string {
  // Most text has none, and to look for one is a fifth of what replacing none costs.
  if (!CONTROL.test(text)) return text
  return text.replaceAll(CONTROLS, control => ESCAPED[control.charCodeAt(0)] ?? '')
}

/** Bytes as text that can't drive a terminal. Where they are not UTF-8, every byte that is not ASCII is \xNN too. */
export function printableBytes(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes)
  if (isUtf8(buffer)) return printable(buffer.toString('utf8'))
  let text = ''
  for (const byte of bytes) text += ESCAPED[byte]
  return text
}
