export { readCdsTime, writeCdsTime } from './core/ccsds/cds-time.ts'
export type { PacketSplitterOptions } from './core/ccsds/delimit.ts'
export { PacketSplitter } from './core/ccsds/delimit.ts'
export type {
  SequenceEvent,
  SequenceEventKind,
  SequenceFinding,
  SequenceLedger,
  SequenceTotals,
} from './core/ccsds/sequence-event.ts'
export { REORDER_WINDOW, SequenceAccount } from './core/ccsds/sequence.ts'
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
