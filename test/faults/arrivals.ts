import { type Head, readHead } from './datagram.ts'

interface Arrival extends Head {
  /** When it arrived, on the monotonic clock, in ms. */
  readonly at: number
}

/** Messages to look at: of one source, those that arrived at or after a time. */
export interface Selection {
  /** Default 0: the first source. */
  readonly source?: number
  /** On the monotonic clock, in ms. Default: from the beginning. */
  readonly since?: number
}

/** All that has arrived at one receiver: by source and sequence number, with the time of each. */
export class Arrivals {
  readonly #size: number
  readonly #all: Arrival[] = []
  readonly #latest = new Map<number, number>()
  /** Messages that did not have a greater number than the one before, of the same source: repeated or out of order. */
  misplaced = 0

  /** @param size bytes of each message */
  constructor(size: number) {
    this.#size = size
  }

  /** Takes what one stream of bytes brings; a message that the stream's end cuts off did not arrive. */
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

  /** The greatest sequence number that has arrived of a source; -1 before the first. */
  latest(source = 0): number {
    return this.#latest.get(source) ?? -1
  }

  /** The numbers that have arrived. */
  sequences({ source = 0, since = 0 }: Selection = {}): Set<number> {
    const chosen = this.#all.filter(arrival => arrival.source === source && arrival.at >= since)
    return new Set(chosen.map(({ sequence }) => sequence))
  }

  /** Numbers from `from` (default: the first that arrived) up to, and without, `to` that have not arrived. */
  missing({ from, to, ...selection }: Selection & { from?: number; to: number }): number {
    const arrived = this.sequences(selection)
    let missing = 0
    for (let sequence = from ?? Math.min(to, ...firstOf(arrived)); sequence < to; sequence += 1)
      if (!arrived.has(sequence)) missing += 1
    return missing
  }

  /** The time of the first arrival at or after a time, in ms from then; undefined if there is none. */
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

/** The least of a set, as a list of one, or of none. */
function firstOf(numbers: Set<number>): number[] {
  let least: number | undefined
  for (const number of numbers) if (least === undefined || number < least) least = number
  return least === undefined ? [] : [least]
}
