import { type Head, readHead } from './datagram.ts'

interface Arrival extends Head {
  /** Time of arrival on the monotonic clock, in ms. */
  readonly at: number
}

/** Selects messages of one source that arrived at or after a time. */
export interface Selection {
  /** Default 0: the first source. */
  readonly source?: number
  /** Earliest time on the monotonic clock, in ms. Default: the beginning. */
  readonly since?: number
}

/** All messages that arrived at one receiver, by source and sequence number, with their times. */
export class Arrivals {
  readonly #size: number
  readonly #all: Arrival[] = []
  readonly #latest = new Map<number, number>()
  /** Messages repeated or out of order: their number is not above the previous one of the same source. */
  misplaced = 0

  /** @param size bytes per message */
  constructor(size: number) {
    this.#size = size
  }

  /** Reads one stream of bytes. A message cut off by the stream's end did not arrive. */
  reader(): (chunk: Buffer, now?: number) => void {
    let rest: Buffer = Buffer.alloc(0)
    return (chunk, now = performance.now()) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let offset = 0
      for (; offset + this.#size <= bytes.length; offset += this.#size)
        this.#take(readHead(bytes, offset), now)
      rest = bytes.subarray(offset)
    }
  }

  get count(): number {
    return this.#all.length
  }

  /** The highest sequence number that has arrived from a source; -1 before the first. */
  latest(source = 0): number {
    return this.#latest.get(source) ?? -1
  }

  /** Sequence numbers that have arrived. */
  sequences({ source = 0, since = 0 }: Selection = {}): Set<number> {
    const chosen = this.#all.filter(arrival => arrival.source === source && arrival.at >= since)
    return new Set(chosen.map(({ sequence }) => sequence))
  }

  /** Counts the numbers that have not arrived, from `from` (default: the first that arrived) up to, but not including, `to`. */
  missing({ from, to, ...selection }: Selection & { from?: number; to: number }): number {
    const arrived = this.sequences(selection)
    let missing = 0
    for (let sequence = from ?? Math.min(to, ...firstOf(arrived)); sequence < to; sequence += 1)
      if (!arrived.has(sequence)) missing += 1
    return missing
  }

  /** Time from `time` to the first arrival after it, in ms; undefined without one. */
  firstAfter(time: number): number | undefined {
    const first = this.#all.find(({ at }) => at >= time)
    return first === undefined ? undefined : first.at - time
  }

  #take({ source, sequence }: Head, at: number): void {
    if (sequence <= this.latest(source)) this.misplaced += 1
    else this.#latest.set(source, sequence)
    this.#all.push({ source, sequence, at })
  }
}

/** The minimum of a set, as a list of one, or an empty list. */
function firstOf(numbers: Set<number>): number[] {
  let least: number | undefined
  for (const number of numbers) if (least === undefined || number < least) least = number
  return least === undefined ? [] : [least]
}
