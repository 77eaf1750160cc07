import { parsePrimaryHeader } from '../ccsds/space-packet.ts'
import { formatMessage } from '../wire/json.ts'
import type { Formatter, ShownMessage } from './formatter.ts'

/**
 * The lossless form of `formatMessage`. With `ccsds`, the line of a packet has an additional member `ccsds`, which is
 * ignored on reading: the fields of its header, whether the length field `agrees` with the size, and the `sequence`
 * finding.
 */
export function jsonFormatter(ccsds: boolean, delimiter: Uint8Array): Formatter {
  return {
    write(shown, out) {
      const line = formatMessage(shown.message, shown.message.decoded)
      const packet = ccsds ? packetMember(shown) : undefined
      out.text(packet === undefined ? line : `${line.slice(0, -1)},"ccsds":${packet}}`)
      out.bytes(delimiter)
      return true
    },
  }
}

function packetMember({ message, finding }: ShownMessage): string | undefined {
  const { packet } = message
  const header = packet && parsePrimaryHeader(packet)
  if (packet === undefined || header === undefined) return undefined
  const { type, apid, sequenceFlags, sequenceCount, dataLength, length } = header
  return JSON.stringify({
    type,
    apid,
    sequenceFlags,
    sequenceCount,
    dataLength,
    agrees: length === packet.length,
    ...(finding && {
      sequence: { kind: finding.kind, expected: finding.expected, missing: finding.missing },
    }),
  })
}
