import type { NoMessage } from '../carrier.ts'

/** Frames that are not two, or one of which is too large, as the roles are told of them. */
export function noMessage(frames: readonly Buffer[], oversize = false): NoMessage {
  const [first = Buffer.alloc(0)] = frames
  return {
    first,
    frames: frames.length,
    bytes: frames.reduce((sum, { length }) => sum + length, 0),
    oversize,
  }
}
