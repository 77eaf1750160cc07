import { now } from '../clock.ts'
import { formatTime } from '../wire/json-time.ts'

const FIELD = /%\{(n|time)\}/g

/**
 * Puts the number of a message and the time into a text: `%{n}` counts from 1, `%{time}` is UTC as
 * `2026-11-22T12:34:56.789012345Z`. All else stays as it is.
 */
export function expandText(text: string, number: number): string {
  return text.replaceAll(FIELD, (_, name) => (name === 'n' ? String(number) : formatTime(now())))
}

/** The same for bytes, whichever encoding they are in: no byte but those of the fields is touched. */
export function expandBytes(bytes: Uint8Array, number: number): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!view.includes('%{')) return bytes
  return Buffer.from(expandText(view.toString('latin1'), number), 'latin1')
}
