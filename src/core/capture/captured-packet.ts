/** One packet of a capture file, in the same shape for every format. */
export interface CapturedPacket {
  /** Time of capture, in nanoseconds since 1970-01-01T00:00:00Z; 0 if the format has no time. */
  readonly time: bigint
  /** Name of its interface, which is the topic in a capture by groundwire; `interface N` if the interface has no name. */
  readonly topic: string
  /** LINKTYPE_ number of the header that `data` starts with, as in {@link LinkType}. */
  readonly linkType: number
  /** Captured bytes. They may be a view of the chunk that held them. */
  readonly data: Uint8Array
  /** Length on the wire, in bytes: more than `data` has if the capture was cut (a snap length). */
  readonly originalLength: number
  /** Its first comment. pcapng only. */
  readonly comment?: string
}

/** Limits of a capture reader. */
export interface CaptureReaderOptions {
  /** Largest block or packet record accepted, in bytes, so that a damaged length can't fill memory. Default 64 MiB. */
  readonly maxBlock?: number
}

/** The default of {@link CaptureReaderOptions.maxBlock}. */
export const DEFAULT_MAX_BLOCK = 64 * 1024 * 1024

/**
 * Reads a capture file in chunks of any size.
 *
 *     for await (const chunk of file) for (const packet of reader.push(chunk)) …
 *     reader.end()
 */
export interface CaptureParser {
  /**
   * Takes the next bytes and gives the packets that they complete. Packets that are not drawn stay for the next call.
   *
   * @throws {FormatError} from the iterator, after all packets before the fault: `MALFORMED` or `OVERSIZE`. Later calls
   *   throw the same error.
   */
  push(chunk: Uint8Array): IterableIterator<CapturedPacket>
  /** Ends the file. Call it once all packets are drawn. @throws {FormatError} `TRUNCATED` if the file is empty or cut short. */
  end(): void
}

/**
 * Link types that groundwire writes, or reads UDP from. The LINKTYPE_ numbers are from the registry of
 * draft-ietf-opsawg-pcaplinktype.
 */
export const LinkType = {
  /** BSD loopback: an address family in the capturing machine's byte order. */
  NULL: 0,
  ETHERNET: 1,
  /** Raw IP, under the numbers of some systems. */
  RAW_12: 12,
  RAW_14: 14,
  /** Raw IP, v4 or v6. */
  RAW: 101,
  /** OpenBSD loopback: like NULL, in network byte order. */
  LOOP: 108,
  /** Linux cooked capture, from the `any` device. */
  LINUX_SLL: 113,
  /** Payload bytes, as in AIT's own captures. */
  USER0: 147,
  /** Any other payload: the frame as its codec wrote it. */
  USER1: 148,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const
