import type { SequenceEvent, SequenceLedger, SequenceTotals } from './sequence-event.ts'
import { SequenceStream } from './sequence-stream.ts'
import { IDLE_APID, apidOf, isSpacePacket, packetLengthOf, sequenceCountOf } from './space-packet.ts'

export { REORDER_WINDOW } from './sequence-stream.ts'

/** The packet type bit, above the eleven of the APID: TM and TC of one APID count for themselves. */
const TELECOMMAND = 0x800

/**
 * Follows the sequence counts of space packets, a stream for each type and APID (CCSDS 133.0-B-2, 4.1.3.4.3: a count
 * goes up by one with each packet, modulo 16,384), and tells what is missing, double, late, or begun anew.
 *
 * With `ahead` the way from the expected count forward to the packet's, around the circle, and a window of 256:
 *
 * | the packet's count | it is |
 * | --- | --- |
 * | the expected one, or the first of its stream | in order; 16,383 to 0 is no event |
 * | ahead by 1 to 8,192 | a gap of that many |
 * | behind by 1 to 256, in a gap | out of order: it fills the gap, and is missing no more |
 * | behind by 1 to 256, seen before | a duplicate |
 * | behind by 1 to 256, from before the stream's first | out of order |
 * | further behind | a restart: the stream begins anew here, and what was missing stays so |
 * | under 16, and over 256 from the expected one either way | a restart |
 * | 1, next after a 0 from behind that filled no gap | a restart at that 0, which is taken back |
 *
 * A jump of over 256 is on trial for one packet: if the next one is 0 to 256 ahead of where the stream was before, the
 * jump is taken back, and the packet that made it was out of order.
 *
 * Where 14 bits can't tell, this is the side it errs on:
 * - A loss of more than 8,192 packets looks like a restart, and one of a multiple of 16,384 like nothing at all.
 * - A loss that ends at 0 to 15 is a restart if it is over 256 (one in a thousand of such losses); a restart at another
 *   count is a gap if the way there, around the circle, is 8,192 or less.
 * - A packet over 256 late is a stray restart. A burst of duplicates that begins with 0 and 1 is a restart.
 * - A stream that starts over at another count than 0, and within 256, shows duplicates until it passes its old end.
 * - What was lost before the first packet seen, after the last one, and around a restart, leaves no trace.
 * - A telecommand may carry a packet name in place of a count (4.1.3.4.3): its stream then means nothing.
 */
export class SequenceAccount {
  /** By type and APID. */
  readonly #streams: Array<SequenceStream | undefined> = Array.from({ length: 2 * TELECOMMAND })
  #notCcsds = 0
  #idle = 0

  /**
   * Takes one packet in, as it was received: in a `Uint8Array` of just its bytes.
   *
   * @returns what is wrong with it. Undefined for the next one in order, an idle one (APID 2047), and what is no whole
   *   space packet: under 7 bytes, of a version other than 0, or of another size than its length field says.
   */
  observe(packet: Uint8Array): SequenceEvent | undefined {
    if (!isSpacePacket(packet) || packetLengthOf(packet) !== packet.length) {
      this.#notCcsds++
      return undefined
    }
    const apid = apidOf(packet)
    if (apid === IDLE_APID) {
      this.#idle++
      return undefined
    }
    const key = apid | (((packet[0] as number) & 0x10) << 7)
    const stream = (this.#streams[key] ??= new SequenceStream())
    const finding = stream.observe(sequenceCountOf(packet))
    return finding && { type: key < TELECOMMAND ? 'TM' : 'TC', apid, ...finding }
  }

  /** The figures so far, as the ledger has them: a value of its own, safe to keep. */
  toJSON(): SequenceLedger {
    const apids: Record<string, SequenceTotals> = {}
    const sum = { packets: this.#idle, gaps: 0, missing: 0, duplicates: 0, outOfOrder: 0, restarts: 0 }
    for (const [key, stream] of this.#streams.entries()) {
      if (!stream) continue
      const totals = stream.totals()
      apids[key < TELECOMMAND ? `${key}` : `TC ${key - TELECOMMAND}`] = totals
      for (const name of Object.keys(sum) as Array<keyof SequenceTotals>) sum[name] += totals[name]
    }
    const { packets, ...losses } = sum
    return { packets, notCcsds: this.#notCcsds, idle: this.#idle, ...losses, apids }
  }
}
