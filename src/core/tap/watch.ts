import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import type { TappedMessage } from './message.ts'
import type { ShownMessage } from '../format/formatter.ts'
import type { Ledger } from '../ledger.ts'
import type { FilterChain } from './filter.ts'
import type { TopicSequences } from './sequences.ts'

export interface WatchOptions {
  readonly ledger: Ledger
  /** What is looked at all: the rest is left out of everything but the sequence counts. */
  readonly filters: FilterChain
  /** What is shown of that: for the eye, so that observers see the rest too. */
  readonly thinning: FilterChain
  /** Follow the sequence counts of every message. */
  readonly sequences?: TopicSequences | undefined
  readonly observers: readonly ((message: TappedMessage) => void)[]
  readonly show: (shown: ShownMessage) => void
  /** Told what a sequence count tells of a message that is looked at; `shown` is false where that is thinned out. */
  readonly onFinding?: ((finding: SequenceEvent, message: TappedMessage, shown: boolean) => void) | undefined
}

/** The way of a message through a tap: counted, filtered, observed, thinned out, shown. Keeps the ledger's `filtered`. */
export class Watch {
  readonly #options: WatchOptions
  #number = 0

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** How many messages were shown. */
  get shown(): number {
    return this.#number
  }

  take(message: TappedMessage): void {
    const { ledger, filters, thinning, sequences, observers, show, onFinding } = this.#options
    const finding = sequences?.observe(message)
    if (!filters.takes(message)) {
      ledger.filtered += 1
      return
    }
    for (const observe of observers) observe(message)
    const shown = thinning.takes(message)
    if (finding !== undefined) onFinding?.(finding, message, shown)
    if (!shown) {
      ledger.filtered += 1
      return
    }
    this.#number += 1
    show({ message, number: this.#number, finding })
  }
}
