import type { PacketType } from './space-packet.ts'

/** Kinds of packets that are not the next one of their stream. */
export type SequenceEventKind = 'gap' | 'duplicate' | 'out-of-order' | 'restart'

/** A packet that is not the next one of its stream. */
export interface SequenceFinding {
  readonly kind: SequenceEventKind
  /** The packet's count, 0 to 16,383. */
  readonly count: number
  /** The count that would have been the next one. */
  readonly expected: number
  /** By how much the figure of missing packets changes: the size of a gap, -1 where a late packet fills one, else 0. */
  readonly missing: number
  /** The kind of the packet before this one, where this one shows that it was wrong: it is taken back. */
  readonly revises?: SequenceEventKind
}

/** The figures of one stream, or of all of them together. */
export interface SequenceTotals {
  /** Packets seen, of whatever kind. */
  readonly packets: number
  /** Gaps that are not wholly filled by late packets. */
  readonly gaps: number
  /** Packets that these gaps stand for. */
  readonly missing: number
  readonly duplicates: number
  readonly outOfOrder: number
  readonly restarts: number
}

/** A {@link SequenceFinding}, and the stream it is of. */
export interface SequenceEvent extends SequenceFinding {
  readonly type: PacketType
  readonly apid: number
}

/** The account of a {@link SequenceAccount}, as the ledger has it under `ccsds`. */
export interface SequenceLedger extends SequenceTotals {
  /** Payloads that are no whole space packet. They are not among `packets`. */
  readonly notCcsds: number
  /** Idle packets, which carry no count to follow. They are among `packets`. */
  readonly idle: number
  /** The figures of each stream, by APID: `"42"` is telemetry, `"TC 42"` telecommands. */
  readonly apids: Readonly<Record<string, SequenceTotals>>
}
