import { isUtf8 } from 'node:buffer'
import { asBuffer } from '../wire/utf8.ts'

/** Text that can't drive a terminal: control characters are written as \xNN, as in C. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, escaped)
}

/** Bytes as text that can't drive a terminal. Where they are not UTF-8, every byte that is not ASCII is \xNN too. */
export function printableBytes(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes)
  if (isUtf8(buffer)) return printable(buffer.toString('utf8'))
  return buffer.toString('latin1').replaceAll(/[^\u0020-\u007e]/g, escaped)
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
