import { IDLE_APID, MIN_PACKET_LENGTH, parsePrimaryHeader } from './space-packet.ts'

/** Names of the sequence flags' two bits (CCSDS 133.0-B-2, 4.1.3.4.2). */
const SEGMENTS = ['continuation', 'first segment', 'last segment', 'unsegmented'] as const

/**
 * Describes a packet's primary header: `TM APID 42 count 7 unsegmented, length 57 agrees`. The length is the raw field:
 * octets of the packet data field, less one.
 * @param packet undefined for a payload without bytes
 */
export function headerText(packet: Uint8Array | undefined): string {
  const header = packet && parsePrimaryHeader(packet)
  if (packet === undefined || header === undefined) return `no space packet${whyNot(packet)}`
  const { type, apid, sequenceCount, sequenceFlags, dataLength, length } = header
  const idle = apid === IDLE_APID ? ' (idle)' : ''
  const agrees =
    length === packet.length ? 'agrees' : `disagrees: ${length} bytes said, ${packet.length} here`
  const segment = SEGMENTS[sequenceFlags] ?? ''
  return `${type} APID ${apid}${idle} count ${sequenceCount} ${segment}, length ${dataLength} ${agrees}`
}

function whyNot(packet: Uint8Array | undefined): string {
  if (packet === undefined) return ''
  if (packet.length < MIN_PACKET_LENGTH) return `: ${packet.length} bytes`
  return `: version ${(packet[0] as number) >> 5}`
}
