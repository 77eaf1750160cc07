import type { SequenceEvent, SequenceLedger, SequenceTotals } from './sequence-event.ts'
import { SequenceStream } from './sequence-stream.ts'
import { IDLE_APID, apidOf, isSpacePacket, packetLengthOf, sequenceCountOf } from './space-packet.ts'

export { REORDER_WINDOW } from './sequence-stream.ts'

/** The packet type bit, above the eleven bits of the APID: TM and TC of one APID are separate streams. */
const TELECOMMAND = 0x800

/**
 * Follows the sequence counts of space packets, one stream per type and APID (CCSDS 133.0-B-2, 4.1.3.4.3: the count
 * goes up by one with each packet, modulo 16,384). It reports gaps, duplicates, late packets and restarts.
 *
 * `ahead` is the distance from the expected count forward to the packet's, around the circle. The window is 256:
 *
 * | the packet's count | it is |
 * | --- | --- |
 * | the expected one, or the first of its stream | in order; 16,383 to 0 is no event |
 * | ahead by 1 to 8,192 | a gap of that many |
 * | behind by 1 to 256, in a gap | out of order: it fills the gap, and is missing no more |
 * | behind by 1 to 256, seen before | a duplicate |
 * | behind by 1 to 256, from before the stream's first | out of order |
 * | further behind | a restart: the stream begins anew here, and missing packets stay missing |
 * | under 16, and over 256 from the expected one either way | a restart |
 * | 1, next after a 0 from behind that filled no gap | a restart at that 0, which is taken back |
 *
 * A jump of over 256 is on trial for one packet: if the next one is 0 to 256 ahead of the stream's place before the
 * jump, the jump is taken back, and the packet that jumped was out of order.
 *
 * 14 bits can't tell everything apart. It errs on these sides:
 * - A loss of more than 8,192 packets looks like a restart, and one of a multiple of 16,384 like nothing at all.
 * - A loss that ends at 0 to 15 is a restart if it is over 256 (one in a thousand of such losses). A restart at another
 *   count is a gap if the distance there, around the circle, is 8,192 or less.
 * - A packet over 256 late is a stray restart. A burst of duplicates that begins with 0 and 1 is a restart.
 * - A stream that starts over at another count than 0, and within 256, shows duplicates until it passes its old end.
 * - A loss before the first packet seen, after the last one, or around a restart leaves no trace.
 * - A telecommand may carry a packet name in place of a count (4.1.3.4.3): the findings about its stream are then void.
 */
export class SequenceAccount {
  /** By type and APID. */
  readonly #streams: Array<SequenceStream | undefined> = Array.from({ length: 2 * TELECOMMAND })
  #notCcsds = 0
  #idle = 0

  /**
   * Takes one packet as received: a `Uint8Array` of just its bytes.
   *
   * @returns the finding, if there is one. Undefined for the next packet in order, an idle one (APID 2047), and bytes
   *   that are not a whole space packet: under 7 bytes, a version other than 0, or a size that differs from the length
   *   field.
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

  /** Returns the figures so far, in the ledger's form: a new value, safe to keep. */
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
