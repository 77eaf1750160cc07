export type { ErrorCode, ErrorDetails } from './core/errors.ts'
export { GroundwireError, NotImplementedError, UsageError } from './core/errors.ts'
export type { Message } from './core/message.ts'
export type { CodecName, Decoded, WritableCodec } from './core/wire/codec.ts'
export { decodeFrame, decodePayload, encodePayload } from './core/wire/codec.ts'
export { DateTime } from './core/wire/datetime.ts'
export { encodeBin } from './core/wire/msgpack-encode.ts'
export type { Payload, PayloadInput } from './core/wire/payload.ts'
export {
  bytesOf,
  Extension,
  Float64,
  kindOf,
  MAX_DEPTH,
  MAX_OBJECTS,
  Tuple,
  unwrap,
} from './core/wire/payload.ts'
export type { MessageDefaults, ParsedMessage } from './core/wire/json.ts'
export { formatMessage, parseMessage } from './core/wire/json.ts'
export { payloadFromJson } from './core/wire/json-parse.ts'
export type { JsonValue } from './core/wire/json-payload.ts'
export { payloadToJson } from './core/wire/json-payload.ts'
