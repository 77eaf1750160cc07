import type { PacketType } from './space-packet.ts'

/** Kinds of packets that are not the next one of their stream. */
export type SequenceEventKind = 'gap' | 'duplicate' | 'out-of-order' | 'restart'

/** A packet that is not the next one of its stream. */
export interface SequenceFinding {
  readonly kind: SequenceEventKind
  /** The packet's count, 0 to 16,383. */
  readonly count: number
  /** The count of the next packet in order. */
  readonly expected: number
  /** Change in the number of missing packets: the size of a gap, -1 if a late packet fills one, else 0. */
  readonly missing: number
  /** The kind of the packet before this one, where this one shows that it was wrong: it is taken back. */
  readonly revises?: SequenceEventKind
}

/** Figures of one stream, or of all streams together. */
export interface SequenceTotals {
  /** Packets seen, of any kind. */
  readonly packets: number
  /** Gaps not completely filled by late packets. */
  readonly gaps: number
  /** Packets missing in these gaps. */
  readonly missing: number
  readonly duplicates: number
  readonly outOfOrder: number
  readonly restarts: number
}

/** A {@link SequenceFinding} and its stream. */
export interface SequenceEvent extends SequenceFinding {
  readonly type: PacketType
  readonly apid: number
}

/** The account of a {@link SequenceAccount}, as the ledger has it under `ccsds`. */
export interface SequenceLedger extends SequenceTotals {
  /** Payloads that are not a whole space packet. Not included in `packets`. */
  readonly notCcsds: number
  /** Idle packets, which have no count to follow. Included in `packets`. */
  readonly idle: number
  /** Figures of each stream, by APID: `"42"` is telemetry, `"TC 42"` telecommands. */
  readonly apids: Readonly<Record<string, SequenceTotals>>
}
