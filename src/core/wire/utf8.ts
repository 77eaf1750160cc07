import { isUtf8 } from 'node:buffer'

/** The text of these bytes, or undefined if they are not UTF-8. No byte is ever replaced by U+FFFD. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** Whether the text has a UTF-8 form. Text with half of a surrogate pair has no UTF-8 form. */
export function isWellFormed(text: string): boolean {
  // With the u flag, a pair matches as one character beyond the surrogates, so only a lone half matches.
  return !/[\ud800-\udfff]/u.test(text)
}

/** Returns the bytes as a Buffer on the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The longest topic, in bytes of UTF-8. */
export const MAX_TOPIC = 1024
/** Text of at most this many UTF-16 units is short enough: a unit has at most three bytes in UTF-8. */
const SURELY_SHORT = Math.floor(MAX_TOPIC / 3)

/** Whether a value is a topic: text with a UTF-8 form of at most 1,024 bytes. */
export function isTopic(value: unknown): value is string {
  if (typeof value !== 'string') return false
  if (value.length > SURELY_SHORT && Buffer.byteLength(value) > MAX_TOPIC) return false
  return isWellFormed(value)
}
