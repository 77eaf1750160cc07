/**
 * The numbers of pcapng, from draft-ietf-opsawg-pcapng: section 3.1 for the layout of every block, section 4 for the
 * blocks, 3.5 for their options.
 *
 *     0   block type (32 bits)
 *     4   block total length: all of it, a multiple of four
 *     8   body, padded to 32 bits, with its options at the end
 *     -4  block total length again
 */

export const BlockType = {
  INTERFACE: 0x0000_0001,
  /** The obsolete packet block, which EPB replaced. */
  PACKET: 0x0000_0002,
  SIMPLE_PACKET: 0x0000_0003,
  INTERFACE_STATISTICS: 0x0000_0005,
  ENHANCED_PACKET: 0x0000_0006,
  /** Reads the same in both byte orders, as it comes before the order is known. */
  SECTION_HEADER: 0x0a0d_0d0a,
} as const

/** Field of the section header that tells the section's byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d

/** Smallest block, in bytes: the type and both lengths. */
export const BLOCK_OVERHEAD = 12

/** Offset of a block's body. */
export const BLOCK_BODY = 8

/** The section length -1: the end of the section is not known (section 4.1). */
export const UNKNOWN_LENGTH = 0xffff_ffff_ffff_ffffn

export const Option = {
  END: 0,
  COMMENT: 1,
  SECTION_APPLICATION: 4,
  INTERFACE_NAME: 2,
  INTERFACE_TIME_RESOLUTION: 9,
  INTERFACE_TIME_OFFSET: 14,
  STATISTICS_START: 2,
  STATISTICS_END: 3,
  STATISTICS_RECEIVED: 4,
  STATISTICS_DROPPED: 5,
} as const

/** The longest value that an option's 16-bit length can express. */
export const MAX_OPTION_LENGTH = 0xffff

/** Rounds `length` up to a multiple of four. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
