import { isWellFormed } from './wire/utf8.ts'

/** The longest topic, in bytes of UTF-8. A longer one is malformed, and is refused before it is stored. */
export const MAX_TOPIC = 1024
/** A UTF-16 unit has three bytes in UTF-8 at the most: text of no more units than these is short enough. */
const SURELY_SHORT = Math.floor(MAX_TOPIC / 3)

/** Whether a value is a topic: text that has a UTF-8 form, of at most 1,024 bytes. */
export function isTopic(value: unknown): value is string {
  if (typeof value !== 'string') return false
  if (value.length > SURELY_SHORT && Buffer.byteLength(value) > MAX_TOPIC) return false
  return isWellFormed(value)
}
