import { decode } from './msgpack-decode.ts'
import type { Payload } from './payload.ts'
import { looksLikePickle, readPickle } from './pickle.ts'

/** How a payload is written into its frame: AIT 3's msgpack, AIT 2's pickle (only read), or bytes as they are. */
export type CodecName = 'msgpack' | 'pickle' | 'raw'

/** The codecs that a frame can be written with. */
export type WritableCodec = Exclude<CodecName, 'pickle'>

/** A frame that was read. */
export interface Decoded {
  /** The codec that the frame was in. `raw` is also a frame that could not be read otherwise: the payload is its bytes. */
  readonly codec: CodecName
  readonly payload: Payload
  /** Why the frame was not read as it was asked for, or as it looks. */
  readonly problem?: 'not msgpack' | 'unreadable pickle'
}

/**
 * Reads a frame. No frame fails: one that can't be read as asked is its bytes, with the problem named.
 *
 * `auto` looks at each frame by itself. One that is valid msgpack from its first byte to its last is msgpack, as for AIT. One
 * that is marked as a pickle (protocol 2 to 5) and can be read is a pickle. All else is bytes, as for AIT. Pickles of
 * protocols 0 and 1 bear no mark, so short text could be taken for one: they are read when asked for `pickle` only.
 */
export function decodeFrame(frame: Uint8Array, how: CodecName | 'auto'): Decoded {
  if (how === 'raw') return { codec: 'raw', payload: frame }
  if (how !== 'pickle') {
    const payload = decode(frame)
    if (payload !== undefined) return { codec: 'msgpack', payload }
    if (how === 'msgpack') return { codec: 'raw', payload: frame, problem: 'not msgpack' }
    if (!looksLikePickle(frame)) return { codec: 'raw', payload: frame }
  }
  const payload = readPickle(frame)
  if (payload !== undefined) return { codec: 'pickle', payload }
  return { codec: 'raw', payload: frame, problem: 'unreadable pickle' }
}

/** The payload of {@link decodeFrame} alone, for the hot path: a datagram's bytes cost a view on the frame. */
export function decodePayload(frame: Uint8Array, how: CodecName | 'auto'): Payload {
  if (how === 'raw') return frame
  if (how !== 'pickle') {
    const payload = decode(frame)
    if (payload !== undefined) return payload
    if (how === 'msgpack' || !looksLikePickle(frame)) return frame
  }
  const payload = readPickle(frame)
  return payload === undefined ? frame : payload
}
