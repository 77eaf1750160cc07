import { MAX_PACKET_LENGTH } from '../ccsds/space-packet.ts'
import type { Deframer } from './deframer.ts'
import { DelimitedSplitter } from './delimited-splitter.ts'
import { PacketSplitter } from './packet-splitter.ts'
import { SizedSplitter } from './sized-splitter.ts'

const NUL = 0x00
const LINE_FEED = 0x0a

/** Form of a stream: a frame for each line, for each text that ends with a NUL, for each space packet, or for so many bytes. */
export type Framing = 'lines' | 'nul' | 'ccsds' | number

/** The deframer for a stream of this form. @param maxFrame the longest frame to take, in bytes; a size is its own limit */
export function deframerOf(framing: Framing, maxFrame: number): Deframer {
  switch (framing) {
    case 'lines':
      return lineSplitter(maxFrame)
    case 'nul':
      return new DelimitedSplitter({ delimiter: NUL, maxFrame, noun: 'piece' })
    case 'ccsds':
      return new PacketSplitter({ maxMessage: Math.min(maxFrame, MAX_PACKET_LENGTH) })
    default:
      return new SizedSplitter(framing)
  }
}

/** Splits a text into lines, which end with a line feed. */
export function lineSplitter(maxFrame: number): DelimitedSplitter {
  return new DelimitedSplitter({ delimiter: LINE_FEED, maxFrame, noun: 'line' })
}
