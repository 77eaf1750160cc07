export { readCdsTime, writeCdsTime } from './core/ccsds/cds-time.ts'
export type { PacketSplitterOptions } from './core/ccsds/delimit.ts'
export { PacketSplitter } from './core/ccsds/delimit.ts'
export type { PacketType, PrimaryHeader, PrimaryHeaderFields } from './core/ccsds/space-packet.ts'
export {
  IDLE_APID,
  MAX_PACKET_LENGTH,
  apidOf,
  isSpacePacket,
  packetLengthOf,
  parsePrimaryHeader,
  sequenceCountOf,
  writePrimaryHeader,
} from './core/ccsds/space-packet.ts'
export type { TelemetrySourceOptions } from './core/ccsds/telemetry-source.ts'
export { TelemetrySource, hasTelemetryRamp } from './core/ccsds/telemetry-source.ts'
export type { ErrorCode, ErrorDetails } from './core/errors.ts'
export { FormatError, GroundwireError, NotImplementedError, UsageError } from './core/errors.ts'
export type { Message } from './core/message.ts'
export type { CodecName, Decoded, WritableCodec } from './core/wire/codec.ts'
export { decodeFrame, decodePayload, encodePayload } from './core/wire/codec.ts'
export { DateTime } from './core/wire/datetime.ts'
export { encodeBin } from './core/wire/msgpack-encode.ts'
export type { Payload, PayloadInput } from './core/wire/payload.ts'
export { bytesOf, Extension, Float64, Tuple, unwrap } from './core/wire/payload.ts'
export type { MessageDefaults, ParsedMessage } from './core/wire/json.ts'
export { formatMessage, parseMessage } from './core/wire/json.ts'
export { payloadFromJson } from './core/wire/json-parse.ts'
export type { JsonValue } from './core/wire/json-payload.ts'
export { payloadToJson } from './core/wire/json-payload.ts'
