import { now } from '../clock.ts'
import { formatTime } from '../wire/json-time.ts'
import type { Outgoing } from './outgoing.ts'

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

/** A message that is made when it is sent, and not when it is read: its time is that of sending. */
export class LateMessage implements Outgoing {
  readonly #make: () => Outgoing
  #made: Outgoing | undefined

  constructor(make: () => Outgoing) {
    this.#make = make
  }

  get frame(): Uint8Array {
    this.#made ??= this.#make()
    return this.#made.frame
  }

  get size(): number {
    this.#made ??= this.#make()
    return this.#made.size
  }
}
