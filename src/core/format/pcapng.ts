import { LinkType } from '../capture/captured-packet.ts'
import { PcapngWriter } from '../capture/pcapng-writer.ts'
import { findingText } from '../ccsds/sequence-text.ts'
import { binHeaderLength } from '../wire/msgpack-format.ts'
import type { TappedMessage } from '../tap/message.ts'
import type { Formatter } from './formatter.ts'

/**
 * The binary form, without loss: a section a file, and in it each topic as an interface.
 *
 * The data of a packet is the payload's bytes, with link type 147, wherever encoding these gives the message's frame
 * again: msgpack bin with the shortest header, as AIT and groundwire write it. All else is the frame itself, with link
 * type 148: other values, text, pickles, frames that are not msgpack, and a bin whose header is longer than it needs.
 * A packet whose sequence count is not the next one has a comment that says so.
 * @param dropped messages by topic that were dropped before they could be written: said in the statistics that end
 *   each file, and then cleared
 */
export function pcapngFormatter(dropped: Map<string, number>): Formatter {
  const writer = new PcapngWriter()
  return {
    begin: out => out.bytes(writer.sectionHeader()),
    write({ message, finding }, out) {
      const { time, topic } = message
      const bytes = ownBytes(message)
      const linkType = bytes === undefined ? LinkType.USER1 : LinkType.USER0
      const packet = { time, topic, data: bytes ?? message.frame, linkType }
      out.bytes(writer.message(finding === undefined ? packet : { ...packet, comment: findingText(finding) }))
      return true
    },
    end(out) {
      out.bytes(writer.statistics(dropped))
      dropped.clear()
    },
  }
}

/** The bytes that are the payload, where encoding them gives this very frame. */
function ownBytes({ decoded: { codec, payload }, frame }: TappedMessage): Uint8Array | undefined {
  if (codec !== 'msgpack' || !(payload instanceof Uint8Array)) return undefined
  return frame.length === binHeaderLength(payload.length) + payload.length ? payload : undefined
}
