// Apart from codec.ts, which reads: a role that only publishes starts without the readers of msgpack and pickles.
import { GroundwireError } from '../errors.ts'
import type { WritableCodec } from './codec.ts'
import { encode } from './msgpack-encode.ts'
import { bytesOf, kindOf, type PayloadInput } from './payload.ts'
import { asBuffer } from './utf8.ts'

/**
 * Encodes a payload into a frame. `raw` takes bytes of any kind, which become the frame uncopied, and text, as UTF-8.
 *
 * @throws {GroundwireError} `NOT_ENCODABLE`, naming the type, for a value that the codec has no form for.
 */
export function encodePayload(payload: PayloadInput, codec: WritableCodec): Buffer {
  if (codec === 'msgpack') return encode(payload)
  const bytes = bytesOf(payload)
  if (bytes !== undefined) return asBuffer(bytes)
  throw new GroundwireError(
    'NOT_ENCODABLE',
    `cannot encode a payload of type ${kindOf(payload)} as raw bytes`,
    {
      hint: 'The raw codec takes bytes and text; use the msgpack codec for all else.',
    },
  )
}
