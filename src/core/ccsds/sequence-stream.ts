import type { SequenceFinding, SequenceTotals } from './sequence-event.ts'
import { SEQUENCE_MODULUS } from './space-packet.ts'

/** Distance behind the newest count, in counts, within which a late packet or a duplicate is recognised. */
export const REORDER_WINDOW = 256

/** A stream that starts over is expected to show a count below this, its first few packets possibly lost. */
const NEAR_ZERO = 16

/** A jump forward of more than half the circle counts as one backwards. */
const HALF = SEQUENCE_MODULUS / 2

interface Gap {
  /** The gap's first count and the one after its last, on the line of `#position`. */
  readonly start: number
  readonly end: number
  /** Late packets of the gap. At most as many as the window is long: others can't come any more. */
  readonly late: number[]
}

/** Kinds of packets from behind that fill no gap. */
type Straggler = 'duplicate' | 'out-of-order'

/** State of a stream before a jump over the window, kept until the next packet shows whether the jump was real. */
interface Leap {
  readonly kind: 'gap' | 'restart'
  /** The kind of the packet if the jump was not real. */
  readonly otherwise: Straggler
  /** The packet that jumped: its number in the stream, and its count. */
  readonly packet: number
  readonly count: number
  readonly figures: SequenceTotals
  readonly next: number
  readonly position: number
  readonly first: number
  readonly open: Gap[]
}

/** Follows the sequence counts of one stream. {@link SequenceAccount} has the rules. */
export class SequenceStream {
  packets = 0
  gaps = 0
  missing = 0
  duplicates = 0
  outOfOrder = 0
  restarts = 0
  /** The expected count; -1 before the first packet. */
  #next = -1
  /** The expected count without the wrap, on a line where distant counts can't be confused. */
  #position = 0
  /** Start of this stream on that line. */
  #first = 0
  /** Gaps that a late packet may still fill, oldest first: at most half as many as the window is long. */
  #open: Gap[] = []
  #leap: Leap | undefined
  /** A packet with count 0 that came from behind: its number, and the kind it was taken for. */
  #zero: { packet: number; kind: Straggler } | undefined

  /** Takes the next packet's count. Returns undefined, without allocating, if it is the expected one. */
  observe(count: number): SequenceFinding | undefined {
    this.packets++
    if (count === this.#next) {
      this.#position++
      this.#next = count === SEQUENCE_MODULUS - 1 ? 0 : count + 1
      return undefined
    }
    if (this.#next >= 0) return this.#irregular(count)
    this.#begin(count)
    return undefined
  }

  totals(): SequenceTotals {
    const { packets, gaps, missing, duplicates, outOfOrder, restarts } = this
    return { packets, gaps, missing, duplicates, outOfOrder, restarts }
  }

  #irregular(count: number): SequenceFinding {
    const leap = this.#leap
    this.#leap = undefined
    if (leap?.packet !== this.packets - 1 || distance(leap.next, count) > REORDER_WINDOW) {
      return this.#classify(count)
    }
    // The previous packet jumped far, and this one continues where the stream was. So the previous one was astray.
    const before = this.missing
    this.#takeBack(leap)
    const { kind: revises, otherwise: kind } = leap
    if (count !== this.#next) {
      const finding = this.#classify(count)
      return { ...finding, missing: this.missing - before, revises }
    }
    this.#advanceTo(count)
    return { kind, count: leap.count, expected: count, missing: this.missing - before, revises }
  }

  #classify(count: number): SequenceFinding {
    const ahead = distance(this.#next, count)
    if (ahead <= REORDER_WINDOW || (ahead <= HALF && count >= NEAR_ZERO)) return this.#gap(count, ahead)
    const behind = SEQUENCE_MODULUS - ahead
    return behind <= REORDER_WINDOW ? this.#fromBehind(count, behind) : this.#restart(count)
  }

  #gap(count: number, missing: number): SequenceFinding {
    const expected = this.#next
    if (missing > REORDER_WINDOW) this.#remember('gap', count)
    const reach = this.#position + missing - REORDER_WINDOW
    this.#open = this.#open.filter(gap => gap.end > reach)
    this.#open.push({ start: this.#position, end: this.#position + missing, late: [] })
    this.gaps++
    this.missing += missing
    this.#advanceTo(count)
    return { kind: 'gap', count, expected, missing }
  }

  #fromBehind(count: number, behind: number): SequenceFinding {
    const at = this.#position - behind
    const gap = this.#open.find(({ start, end }) => start <= at && at < end)
    if (gap && !gap.late.includes(at)) return this.#fill(gap, at, count)
    if (count === 1 && this.#zero?.packet === this.packets - 1) {
      const { kind } = this.#zero
      const finding = this.#restart(count, kind)
      this.#count(kind, -1)
      return { ...finding, revises: kind }
    }
    const kind = at < this.#first ? 'out-of-order' : 'duplicate'
    this.#count(kind, 1)
    if (count === 0) this.#zero = { packet: this.packets, kind }
    return { kind, count, expected: this.#next, missing: 0 }
  }

  #fill(gap: Gap, at: number, count: number): SequenceFinding {
    gap.late.push(at)
    if (gap.late.length === gap.end - gap.start) this.gaps--
    this.missing--
    this.outOfOrder++
    return { kind: 'out-of-order', count, expected: this.#next, missing: -1 }
  }

  #restart(count: number, otherwise?: Straggler): SequenceFinding {
    const expected = this.#next
    this.#remember('restart', count, otherwise)
    this.restarts++
    this.#begin(count)
    return { kind: 'restart', count, expected, missing: 0 }
  }

  #begin(count: number): void {
    this.#first = count
    this.#position = count
    this.#next = count
    this.#open = []
    this.#advanceTo(count)
  }

  /** Expects the count after `count`, which is at or ahead of the expected one. */
  #advanceTo(count: number): void {
    this.#position += distance(this.#next, count) + 1
    this.#next = (count + 1) % SEQUENCE_MODULUS
  }

  #count(kind: Straggler, by: 1 | -1): void {
    if (kind === 'duplicate') this.duplicates += by
    else this.outOfOrder += by
  }

  #remember(kind: Leap['kind'], count: number, otherwise: Straggler = 'out-of-order'): void {
    this.#leap = {
      kind,
      otherwise,
      packet: this.packets,
      count,
      figures: this.totals(),
      next: this.#next,
      position: this.#position,
      first: this.#first,
      open: [...this.#open],
    }
  }

  #takeBack({ figures, otherwise, next, position, first, open }: Leap): void {
    this.gaps = figures.gaps
    this.missing = figures.missing
    this.duplicates = figures.duplicates
    this.outOfOrder = figures.outOfOrder
    this.restarts = figures.restarts
    this.#count(otherwise, 1)
    this.#next = next
    this.#position = position
    this.#first = first
    this.#open = open
  }
}

/** Counts from `from` forward to `to`, around the circle: 0 to 16,383. */
function distance(from: number, to: number): number {
  return (to - from) & (SEQUENCE_MODULUS - 1)
}
