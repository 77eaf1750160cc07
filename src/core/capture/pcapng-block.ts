/**
 * The numbers of pcapng, from draft-ietf-opsawg-pcapng: section 3.1 for what every block has in common, section 4 for
 * the blocks, 3.5 for their options.
 *
 *     0   block type (32 bits)
 *     4   block total length: all of it, a multiple of four
 *     8   body, padded to 32 bits, with its options at the end
 *     -4  block total length again
 */

export const BlockType = {
  INTERFACE: 0x0000_0001,
  /** The obsolete packet block: what EPB was before. */
  PACKET: 0x0000_0002,
  SIMPLE_PACKET: 0x0000_0003,
  INTERFACE_STATISTICS: 0x0000_0005,
  ENHANCED_PACKET: 0x0000_0006,
  /** The same in both byte orders: it is read before the order is known. */
  SECTION_HEADER: 0x0a0d_0d0a,
} as const

/** In the section header: which byte order the section has. */
export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d

/** The type and both lengths: the least that a block can have. */
export const BLOCK_OVERHEAD = 12

/** Where a block's body starts. */
export const BLOCK_BODY = 8

/** The section length of a section whose end is not known: -1 (section 4.1). */
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

/** The longest value that an option's 16-bit length can say. */
export const MAX_OPTION_LENGTH = 0xffff

/** `length` and the padding to the next multiple of four. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
