import { UsageError } from '../errors.ts'
import { parseHex } from '../hex.ts'
import type { TappedMessage } from './message.ts'

/** Bytes to look for in payloads. */
export interface Pattern {
  /** As it was written. */
  readonly text: string
  readonly bytes: Buffer
}

/** Reads a pattern: after `0x`, bytes in hexadecimal; all else is text, as UTF-8. @throws {UsageError} */
export function parsePattern(text: string): Pattern {
  if (text === '') throw new UsageError("'' is not a pattern: text, or bytes as 0x0801")
  return { text, bytes: /^0x/i.test(text) ? parseHex(text) : Buffer.from(text) }
}

/** Whether a message has these bytes in its payload, or in its frame if the payload is neither bytes nor text. */
export function contains({ bytes, frame }: TappedMessage, pattern: Pattern): boolean {
  const within = bytes ?? frame
  return Buffer.from(within.buffer, within.byteOffset, within.length).includes(pattern.bytes)
}
