import { Option } from './pcapng-block.ts'

/**
 * Reads the options at the end of a block's body (draft-ietf-opsawg-pcapng, section 3.5): the first value of each code.
 *
 * @param view the whole block
 * @param from offset of the first option
 * @param to latest offset where the options may end
 * @returns undefined if an option overruns the block
 */
export function readOptions(
  view: DataView,
  from: number,
  to: number,
  littleEndian: boolean,
): Map<number, Uint8Array> | undefined {
  const options = new Map<number, Uint8Array>()
  for (let at = from; to - at >= 4; ) {
    const code = view.getUint16(at, littleEndian)
    const length = view.getUint16(at + 2, littleEndian)
    if (code === Option.END) break
    at += 4
    if (length > to - at) return undefined
    if (!options.has(code)) options.set(code, new Uint8Array(view.buffer, view.byteOffset + at, length))
    at += Math.ceil(length / 4) * 4
  }
  return options
}

/** An interface of a section: its description, and its latest statistics. */
export interface CaptureInterface {
  /** `if_name`, or `interface N`. */
  readonly topic: string
  readonly linkType: number
  /** Bytes kept of each packet; 0 means no limit. */
  readonly snapLength: number
  /** Packets that the capture reports as dropped (`isb_ifdrop`); undefined until it reports them. */
  readonly dropped: number | undefined
}

/** Converts a timestamp from an interface's own units to nanoseconds since 1970. */
export type Clock = (units: bigint) => bigint

/**
 * The clock of an interface, from its `if_tsresol` (section 4.2: a negative power of ten, or of two with the high bit set;
 * microseconds by default) and `if_tsoffset` (seconds). Times are cut to the nanosecond.
 */
export function clockOf(resolution = 6, offsetSeconds = 0n): Clock {
  const offset = offsetSeconds * 1_000_000_000n
  const exponent = resolution & 0x7f
  if (resolution & 0x80) {
    const shift = BigInt(exponent)
    return units => ((units * 1_000_000_000n) >> shift) + offset
  }
  if (exponent === 9) return offset === 0n ? units => units : units => units + offset
  if (exponent < 9) {
    const factor = 10n ** BigInt(9 - exponent)
    return units => units * factor + offset
  }
  const divisor = 10n ** BigInt(exponent - 9)
  return units => units / divisor + offset
}
