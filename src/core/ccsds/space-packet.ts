/**
 * The primary header of a space packet, CCSDS 133.0-B-2, section 4.1.3: six octets, big endian.
 *
 *     octet 0..1   version (3 bits) · type (1) · secondary header flag (1) · APID (11)
 *     octet 2..3   sequence flags (2) · sequence count or packet name (14)
 *     octet 4..5   packet data length: octets of the packet data field, less one
 */

/** Octets of the primary header. */
export const PRIMARY_HEADER_LENGTH = 6

/** The shortest packet: the packet data field holds at least one octet (133.0-B-2, 4.1.2). */
export const MIN_PACKET_LENGTH = 7

/** The longest packet: a packet data field of 65,536 octets (133.0-B-2, 4.1.2). */
export const MAX_PACKET_LENGTH = 65_542

/** APID of idle packets, all ones. They fill gaps between real packets and have no count to follow. */
export const IDLE_APID = 0x7ff

/** Modulus of the 14-bit sequence counts: 0 follows 16,383. */
export const SEQUENCE_MODULUS = 16_384

/** The sequence flags of a packet that stands for itself. */
const UNSEGMENTED = 0b11

/** `TM`: telemetry (or reporting). `TC`: telecommand (or requesting). */
export type PacketType = 'TM' | 'TC'

/** The fields of a primary header, as they stand there. */
export interface PrimaryHeader {
  /** Packet version number. CCSDS has assigned only 0 to space packets. */
  readonly version: 0
  readonly type: PacketType
  /** Whether the packet data field starts with a secondary header. */
  readonly secondaryHeader: boolean
  /** Application process identifier, 0 to 2047; 2047 is idle. */
  readonly apid: number
  /** 0 continuation, 1 first, 2 last, 3 unsegmented. */
  readonly sequenceFlags: number
  /** 0 to 16,383. A telecommand may have a packet name instead of a count. */
  readonly sequenceCount: number
  /** The packet data length field: octets after the primary header, less one. */
  readonly dataLength: number
  /** Octets of the whole packet by its length field, 7 to 65,542. The buffer may hold fewer or more. */
  readonly length: number
}

/** Fields for {@link writePrimaryHeader}. Defaults: telemetry, unsegmented, no secondary header. */
export interface PrimaryHeaderFields {
  readonly apid: number
  readonly sequenceCount: number
  /** Octets of the whole packet, 7 to 65,542. */
  readonly length: number
  readonly type?: PacketType
  readonly secondaryHeader?: boolean
  readonly sequenceFlags?: number
}

/**
 * Whether `bytes` can begin a space packet: at least {@link MIN_PACKET_LENGTH} bytes, and version 0. The accessors
 * below don't check this, so call it first.
 */
export function isSpacePacket(bytes: Uint8Array): boolean {
  return bytes.length >= MIN_PACKET_LENGTH && (bytes[0] as number) >> 5 === 0
}

/**
 * Parses the primary header at the start of `bytes`.
 *
 * Undefined for fewer than 7 bytes, and for any version except 0 (an encapsulation packet has 7, and other fields). The
 * packet need not be complete: compare `length` with the bytes available.
 */
export function parsePrimaryHeader(bytes: Uint8Array): PrimaryHeader | undefined {
  if (!isSpacePacket(bytes)) return undefined
  return {
    version: 0,
    type: isTelecommand(bytes) ? 'TC' : 'TM',
    secondaryHeader: ((bytes[0] as number) & 0x08) !== 0,
    apid: apidOf(bytes),
    sequenceFlags: (bytes[2] as number) >> 6,
    sequenceCount: sequenceCountOf(bytes),
    dataLength: packetLengthOf(bytes) - MIN_PACKET_LENGTH,
    length: packetLengthOf(bytes),
  }
}

/** Whether the packet type bit is set. `packet` holds at least one byte. */
export function isTelecommand(packet: Uint8Array): boolean {
  return ((packet[0] as number) & 0x10) !== 0
}

/** Returns the APID, 0 to 2047. `packet` holds at least two bytes. */
export function apidOf(packet: Uint8Array): number {
  return (((packet[0] as number) & 0x07) << 8) | (packet[1] as number)
}

/** Returns the sequence count, 0 to 16,383. `packet` holds at least four bytes. */
export function sequenceCountOf(packet: Uint8Array): number {
  return (((packet[2] as number) & 0x3f) << 8) | (packet[3] as number)
}

/** Returns the octets of the whole packet by its length field, 7 to 65,542. `packet` holds at least six bytes. */
export function packetLengthOf(packet: Uint8Array): number {
  return (((packet[4] as number) << 8) | (packet[5] as number)) + MIN_PACKET_LENGTH
}

/**
 * Writes a version 0 primary header over the first six bytes of `into`.
 *
 * Fields are cut to their width but not checked, so that a test can write invalid ones. Callers check the values of
 * users.
 */
export function writePrimaryHeader(into: Uint8Array, fields: PrimaryHeaderFields): void {
  const { apid, sequenceCount, type = 'TM', secondaryHeader = false, sequenceFlags = UNSEGMENTED } = fields
  const dataLength = fields.length - MIN_PACKET_LENGTH
  into[0] = (type === 'TC' ? 0x10 : 0) | (secondaryHeader ? 0x08 : 0) | ((apid >> 8) & 0x07)
  into[1] = apid & 0xff
  into[2] = ((sequenceFlags & 0x03) << 6) | ((sequenceCount >> 8) & 0x3f)
  into[3] = sequenceCount & 0xff
  into[4] = (dataLength >> 8) & 0xff
  into[5] = dataLength & 0xff
}
