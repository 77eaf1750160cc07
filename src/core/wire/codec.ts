import { decode } from './msgpack-decode.ts'
import type { Payload } from './payload.ts'
import { looksLikePickle, readPickle } from './pickle.ts'

/** The form of a payload in its frame: AIT 3's msgpack, AIT 2's pickle (only read), or bytes as they are. */
export type CodecName = 'msgpack' | 'pickle' | 'raw'

/** The codecs that can write a frame. */
export type WritableCodec = Exclude<CodecName, 'pickle'>

/** A decoded frame. */
export interface Decoded {
  /** The codec of the frame. An unreadable frame is `raw` too: the payload is its bytes. */
  readonly codec: CodecName
  readonly payload: Payload
  /** Why the frame was not read with the codec asked for, or the one it looks like. */
  readonly problem?: 'not msgpack' | 'unreadable pickle'
}

/**
 * Decodes a frame. It never fails: a frame that can't be read as asked gives its bytes, and the problem.
 *
 * `auto` judges each frame by itself. A frame of valid msgpack from its first byte to its last is msgpack, as for AIT. A
 * readable frame with the marks of a pickle (protocol 2 to 5) is a pickle. Any other frame is bytes, as for AIT. Pickles of
 * protocols 0 and 1 bear no mark, so short text could be taken for one: only the codec `pickle` reads them.
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

/** Only the payload of {@link decodeFrame}, for the hot path: a datagram's bytes cost no more than a view on the frame. */
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
