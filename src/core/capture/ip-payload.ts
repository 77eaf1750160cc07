/** Why a captured packet holds no UDP payload. */
export type UdpRefusal =
  /** The link type is not supported. */
  | 'link-type'
  /** Not UDP over IP: ARP, TCP, ICMP… */
  | 'not-udp'
  /** An IP fragment. Fragments are not reassembled. */
  | 'fragment'
  /** The capture was cut (a snap length), or a length field exceeds the packet. */
  | 'truncated'

const UDP = 17
const FRAGMENT_HEADER = 44
const AUTHENTICATION_HEADER = 51
/**
 * Hop-by-hop options, routing, destination options. Each holds the next header's type, and its own length in units of
 * eight octets.
 */
const EXTENSION_HEADERS: ReadonlySet<number> = new Set([0, 43, 60])

/** The UDP header and its data, from a packet that starts with its IP header. */
export function udpInIp(packet: Uint8Array): Uint8Array | UdpRefusal {
  if (packet.length === 0) return 'truncated'
  const version = (packet[0] as number) >> 4
  if (version === 4) return udpInIpv4(packet)
  return version === 6 ? udpInIpv6(packet) : 'not-udp'
}

/** Implements RFC 791, section 3.1. */
function udpInIpv4(packet: Uint8Array): Uint8Array | UdpRefusal {
  if (packet.length < 20) return 'truncated'
  const header = ((packet[0] as number) & 0x0f) * 4
  if (header < 20 || packet[9] !== UDP) return 'not-udp'
  const moreFragments = ((packet[6] as number) & 0x20) !== 0
  if (moreFragments || (uint16(packet, 6) & 0x1fff) !== 0) return 'fragment'
  // Segmentation offload leaves a total length of 0: the packet is all that is there. Bytes beyond it are Ethernet's padding.
  const total = uint16(packet, 2) || packet.length
  return total > packet.length || header > total ? 'truncated' : packet.subarray(header, total)
}

/** Implements RFC 8200, sections 3 and 4. */
function udpInIpv6(packet: Uint8Array): Uint8Array | UdpRefusal {
  if (packet.length < 40) return 'truncated'
  const payload = uint16(packet, 4)
  const end = payload === 0 ? packet.length : 40 + payload
  let next = packet[6] as number
  let at = 40
  while (next !== UDP) {
    const length = extensionLength(packet, at, next)
    if (typeof length === 'string') return length
    next = packet[at] as number
    at += length
  }
  return end > packet.length || at > end ? 'truncated' : packet.subarray(at, end)
}

/** Length in octets of the extension header of this type at `at`. Its first octet is the type of the next header. */
function extensionLength(packet: Uint8Array, at: number, type: number): number | UdpRefusal {
  const known = EXTENSION_HEADERS.has(type) || type === AUTHENTICATION_HEADER || type === FRAGMENT_HEADER
  if (!known) return 'not-udp'
  if (at + 8 > packet.length) return 'truncated'
  if (type === AUTHENTICATION_HEADER) return ((packet[at + 1] as number) + 2) * 4
  if (type !== FRAGMENT_HEADER) return ((packet[at + 1] as number) + 1) * 8
  // A fragment that is both the first and the last is a whole datagram (RFC 6946).
  return (uint16(packet, at + 2) & 0xfff9) === 0 ? 8 : 'fragment'
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
