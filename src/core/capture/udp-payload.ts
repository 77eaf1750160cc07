import { LinkType } from './captured-packet.ts'
import { type UdpRefusal, udpInIp } from './ip-payload.ts'

export type { UdpRefusal } from './ip-payload.ts'

/** A UDP datagram found in a captured packet. */
export interface UdpDatagram {
  readonly sourcePort: number
  readonly destinationPort: number
  /** The data: a view of the packet's. */
  readonly payload: Uint8Array
}

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
/** VLAN tags of 802.1Q, 802.1ad and its forerunner: four octets each, with the next EtherType at the end. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
const UDP_HEADER = 8

/**
 * Extracts the UDP datagram from a captured packet: IPv4 or IPv6 over Ethernet (with VLAN tags), Linux cooked capture
 * v1 or v2, BSD loopback, or no link layer.
 *
 * @returns the datagram, or the reason, in a word, that the packet holds no datagram. Checksums are not verified: a sending
 *   machine's own capture often has them unset.
 */
export function udpPayload(linkType: number, data: Uint8Array): UdpDatagram | UdpRefusal {
  const packet = ipIn(linkType, data)
  if (typeof packet === 'string') return packet
  const udp = udpInIp(packet)
  if (typeof udp === 'string') return udp
  if (udp.length < UDP_HEADER) return 'truncated'
  const view = new DataView(udp.buffer, udp.byteOffset, udp.byteLength)
  // Jumbograms (RFC 2675) have a length of 0, and segmentation offload may leave one: the data is all that is there.
  const length = view.getUint16(4) || udp.length
  if (length < UDP_HEADER || length > udp.length) return 'truncated'
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    payload: udp.subarray(UDP_HEADER, length),
  }
}

/** The IP packet after the link layer's header. */
function ipIn(linkType: number, data: Uint8Array): Uint8Array | UdpRefusal {
  switch (linkType) {
    case LinkType.ETHERNET:
      return afterEtherType(data, 12)
    case LinkType.LINUX_SLL:
      return afterEtherType(data, 14)
    case LinkType.LINUX_SLL2:
      return afterEtherType(data, 0, 20)
    case LinkType.NULL:
    case LinkType.LOOP:
      // Systems disagree on the number of IPv6 here, and on the byte order. The packet itself tells its version.
      return data.subarray(4)
    case LinkType.RAW:
    case LinkType.RAW_12:
    case LinkType.RAW_14:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return data
    default:
      return 'link-type'
  }
}

/** Follows the EtherType at `at`, and VLAN tags. `header` is the length of the link layer's header. */
function afterEtherType(data: Uint8Array, at: number, header = at + 2): Uint8Array | UdpRefusal {
  let type = at
  let start = header
  for (;;) {
    if (start > data.length) return 'truncated'
    const etherType = ((data[type] as number) << 8) | (data[type + 1] as number)
    if (etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6) return data.subarray(start)
    if (!VLAN_TAGS.has(etherType)) return 'not-udp'
    type = start + 2
    start += 4
  }
}
