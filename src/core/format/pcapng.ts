import { LinkType } from '../capture/captured-packet.ts'
import { PcapngWriter } from '../capture/pcapng-writer.ts'
import { findingText } from '../ccsds/sequence-text.ts'
import { binHeaderLength } from '../wire/msgpack-format.ts'
import type { TappedMessage } from '../tap/message.ts'
import type { Formatter } from './formatter.ts'

/**
 * The lossless binary form: one section per file, one interface per topic.
 *
 * A packet holds the payload's bytes, with link type 147, if encoding them gives the message's frame again: a msgpack
 * bin with the shortest header, as AIT and groundwire write it. Otherwise it holds the frame itself, with link type
 * 148: other values, text, pickles, frames that are not msgpack, and a bin with a longer header than needed. A packet
 * with an unexpected sequence count has a comment that says so.
 * @param dropped messages dropped before they could be written, by topic; written in the statistics that end each file,
 *   then cleared
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

/** Returns the payload's bytes, if encoding them gives exactly this frame. */
function ownBytes({ decoded: { codec, payload }, frame }: TappedMessage): Uint8Array | undefined {
  if (codec !== 'msgpack' || !(payload instanceof Uint8Array)) return undefined
  return frame.length === binHeaderLength(payload.length) + payload.length ? payload : undefined
}
