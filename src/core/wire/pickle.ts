import type { Payload } from './payload.ts'

const PROTO = 0x80
const STOP = 0x2e

/** Whether a frame bears the marks of a pickle of protocol 2 to 5: PROTO at its start and STOP at its end. */
export function looksLikePickle(frame: Uint8Array): boolean {
  const protocol = frame[1] ?? 0
  return frame[0] === PROTO && protocol >= 2 && protocol <= 5 && frame.at(-1) === STOP
}

/** The value of a pickle read as data, or undefined. Not there yet: every pickle is unreadable. */
export function readPickle(_frame: Uint8Array): Payload | undefined {
  return undefined
}
