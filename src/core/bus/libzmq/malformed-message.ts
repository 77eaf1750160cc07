import type { MalformedMessage } from '../carrier.ts'

/** Describes frames that are not two, or one of which is too large, for the roles. */
export function malformedMessage(frames: readonly Buffer[], oversize = false): MalformedMessage {
  const [first = Buffer.alloc(0)] = frames
  return {
    first,
    frames: frames.length,
    bytes: frames.reduce((sum, { length }) => sum + length, 0),
    oversize,
  }
}
