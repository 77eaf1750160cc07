export type { BoundUrls, BrokerEvent, BrokerEvents, BrokerOptions } from './core/bus/broker-options.ts'
export { Broker } from './core/bus/broker.ts'
export type { BusOptions } from './core/bus/bus-options.ts'
export { DEFAULT_MAX_MESSAGE } from './core/bus/bus-options.ts'
export type { LimitEvent, LimitName, LimitValues } from './core/bus/limits.ts'
export { DEFAULT_LIMITS } from './core/bus/limits.ts'
export type { CarrierName, DescriptorEvent } from './core/bus/carrier.ts'
export type { LinkEvent } from './core/bus/link.ts'
export type { SlowSubscriber } from './core/bus/slow-subscribers.ts'
export type { ListenerOptions } from './core/bus/subscriptions.ts'
export type { TopicSelection } from './core/bus/topic-filter.ts'
export type { QueueLimits } from './core/bounded-queue.ts'
export type { AdmittedKey, ClientKeys, ServerKeys } from './core/security/keys.ts'
export { CaptureReader } from './core/capture/capture-reader.ts'
export type { CaptureParser, CaptureReaderOptions, CapturedPacket } from './core/capture/captured-packet.ts'
export { LinkType } from './core/capture/captured-packet.ts'
export { PcapReader } from './core/capture/pcap-reader.ts'
export type { CaptureInterface } from './core/capture/pcapng-options.ts'
export { PcapngReader } from './core/capture/pcapng-reader.ts'
export type { PcapngMessage } from './core/capture/pcapng-writer.ts'
export { PcapngWriter } from './core/capture/pcapng-writer.ts'
export type { UdpDatagram, UdpRefusal } from './core/capture/udp-payload.ts'
export { udpPayload } from './core/capture/udp-payload.ts'
export { readCdsTime, writeCdsTime } from './core/ccsds/cds-time.ts'
export type { Deframer } from './core/framing/deframer.ts'
export type { PacketSplitterOptions } from './core/framing/packet-splitter.ts'
export { PacketSplitter } from './core/framing/packet-splitter.ts'
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
  isTelecommand,
  packetLengthOf,
  parsePrimaryHeader,
  sequenceCountOf,
  writePrimaryHeader,
} from './core/ccsds/space-packet.ts'
export type { TelemetrySourceOptions } from './core/ccsds/telemetry-source.ts'
export { MIN_TELEMETRY_LENGTH, TelemetrySource, hasTelemetryRamp } from './core/ccsds/telemetry-source.ts'
export type { AddressInput } from './core/check.ts'
export type { ErrorCode, ErrorDetails } from './core/errors.ts'
export { FormatError, GroundwireError, NotImplementedError, UsageError } from './core/errors.ts'
export { hexdump, parseHex } from './core/hex.ts'
export type { Message } from './core/message.ts'
export type { CodecName, Decoded, WritableCodec } from './core/wire/codec.ts'
export { decodeFrame, decodePayload } from './core/wire/codec.ts'
export { encodePayload } from './core/wire/encode-payload.ts'
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
export { payloadFromJson } from './core/wire/payload-from-json.ts'
export type { JsonValue } from './core/wire/json-payload.ts'
export { payloadToJson } from './core/wire/json-payload.ts'
export type { PortInputClientOptions } from './core/client/port-input-client.ts'
export { PortInputClient } from './core/client/port-input-client.ts'
export type { PortOutputClientOptions } from './core/client/port-output-client.ts'
export { PortOutputClient } from './core/client/port-output-client.ts'
export type { TapOptions } from './core/client/tap.ts'
export { Tap } from './core/client/tap.ts'
export { TappedMessage } from './core/tap/message.ts'
export type { UdpInOptions } from './core/client/udp-in.ts'
export { UdpIn } from './core/client/udp-in.ts'
export { UdpOut } from './core/client/udp-out.ts'
export type { RoleEvents, RoleLinkEvent, ZMQClientOptions } from './core/client/zmq-client.ts'
export { ZMQClient } from './core/client/zmq-client.ts'
export type { TopicOrPrefix, ZMQInputClientOptions } from './core/client/zmq-input-client.ts'
export { ZMQInputClient } from './core/client/zmq-input-client.ts'
export type { WaitOptions } from './core/condition.ts'
export type { Endpoint } from './core/endpoint.ts'
export { DEFAULT_XPUB_URL, DEFAULT_XSUB_URL, parseDestination, parseListenAddress } from './core/endpoint.ts'
export type {
  LedgerSections,
  LimitRecord,
  OutputRecord,
  TopicAccountRecord,
  TopicSequencesLedger,
} from './core/ledger-sections.ts'
export type { LedgerRecord, Loss, LossCause, Tally, Unheard } from './core/ledger.ts'
export { Ledger, LOSS_CAUSES } from './core/ledger.ts'
export type { BaseEvents, CloseOptions, ListenerError, Role } from './core/role.ts'
export type { SimulatorOptions } from './core/simulator.ts'
export { Simulator } from './core/simulator.ts'
export { MAX_TOPIC } from './core/wire/utf8.ts'
