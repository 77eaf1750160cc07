import { CaptureReader } from '../capture/capture-reader.ts'
import { type CapturedPacket, DEFAULT_MAX_BLOCK, LinkType } from '../capture/captured-packet.ts'
import { udpPayload } from '../capture/udp-payload.ts'
import { GroundwireError } from '../errors.ts'
import { decodePayload } from '../wire/codec.ts'
import type { Encoder, MessageParser, Outgoing } from './outgoing.ts'

/** Room for what a block has beside its data. */
const BLOCK_ROOM = 256 * 1024

export interface CaptureParserOptions {
  /** Each message keeps its own topic, the name of its packet's interface. */
  readonly keepTopics: boolean
  /** Writes all payloads with the encoder's codec: a frame is read, and written anew. */
  readonly recode: boolean
  /** Told of a packet that has no payload to publish. */
  readonly onSkip: (reason: string) => void
}

/**
 * The parser for captures, pcapng and classic pcap. The data of link type 147 is the payload, that of 148 the frame. From the
 * network's link types it takes the UDP payload, and passes over packets that are not a whole UDP datagram.
 */
export function captureParser(encoder: Encoder, options: CaptureParserOptions): MessageParser {
  const maxBlock = Math.max(DEFAULT_MAX_BLOCK, encoder.maxMessage + BLOCK_ROOM)
  const reader = new CaptureReader({ maxBlock })
  let number = 0
  return {
    *push(chunk) {
      for (const packet of reader.push(chunk)) {
        const message = messageOf(packet, ++number, encoder, options)
        if (message !== undefined) yield message
      }
    },
    end() {
      reader.end()
      return []
    },
  }
}

function messageOf(
  packet: CapturedPacket,
  number: number,
  encoder: Encoder,
  options: CaptureParserOptions,
): Outgoing | undefined {
  const { data, linkType, originalLength } = packet
  const origin = { topic: options.keepTopics ? packet.topic : undefined, time: packet.time || undefined }
  if (data.length < originalLength) {
    options.onSkip(`packet ${number} was captured with ${data.length} of its ${originalLength} bytes`)
    return undefined
  }
  try {
    if (linkType === LinkType.USER0) return encoder.bytes(data, origin)
    if (linkType === LinkType.USER1) {
      const asItIs = !options.recode && encoder.uid === undefined
      return asItIs ? encoder.frame(data, origin) : encoder.payload(decodePayload(data, 'auto'), origin)
    }
    const datagram = udpPayload(linkType, data)
    if (typeof datagram !== 'string') return encoder.bytes(datagram.payload, origin)
    if (datagram !== 'link-type') {
      options.onSkip(`packet ${number} is not a whole UDP datagram (${datagram})`)
      return undefined
    }
  } catch (cause) {
    if (!(cause instanceof GroundwireError)) throw cause
    throw new GroundwireError(cause.code, `packet ${number}: ${cause.message}`, { cause, hint: cause.hint })
  }
  throw new GroundwireError('MALFORMED', `packet ${number} has link type ${linkType}, which is not read`, {
    hint: '147 and 148 are, and UDP over Ethernet, Linux cooked, loopback and raw IP',
  })
}
