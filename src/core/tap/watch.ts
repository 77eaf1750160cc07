import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import type { ShownMessage } from '../format/formatter.ts'
import type { Ledger } from '../ledger.ts'
import type { FilterChain } from './filter.ts'
import type { TappedMessage } from './message.ts'
import type { TopicSequences } from './sequences.ts'

export interface WatchOptions {
  /** Takes the messages that are looked at. The rest is left out of everything but the sequence counts. */
  readonly filters: FilterChain
  /** Takes those that are shown. Observers see the rest too: it thins messages out for the eye. */
  readonly thinning: FilterChain
  /** Follows the sequence counts of every message. */
  readonly sequences?: TopicSequences | undefined
  /** Each is called with every message that is looked at. */
  readonly observers?: readonly ((message: TappedMessage) => void)[]
  /** Told the finding at a message that is looked at. `shown` is false if the message is thinned out. */
  readonly onFinding?: ((finding: SequenceEvent, message: TappedMessage, shown: boolean) => void) | undefined
}

/** Takes messages on their way through a tap: they are filtered, observed, thinned out and shown. Keeps the ledger's `filtered`. */
export class Watch {
  readonly #options: WatchOptions
  readonly #ledger: Ledger
  readonly #show: (shown: ShownMessage) => void
  #shown = 0
  #lastSeen: number | undefined

  constructor(options: WatchOptions, ledger: Ledger, show: (shown: ShownMessage) => void) {
    this.#options = options
    this.#ledger = ledger
    this.#show = show
  }

  /** The number of messages that were shown. */
  get shown(): number {
    return this.#shown
  }

  /** The time at which the last message that is looked at was seen, in ms on the monotonic clock. Undefined before the first one. */
  get lastSeen(): number | undefined {
    return this.#lastSeen
  }

  take(message: TappedMessage): void {
    const { filters, thinning, sequences, observers = [], onFinding } = this.#options
    const finding = sequences?.observe(message)
    if (!filters.takes(message)) {
      this.#ledger.filtered += 1
      return
    }
    this.#lastSeen = message.at
    for (const observe of observers) observe(message)
    const isShown = thinning.takes(message)
    if (finding !== undefined) onFinding?.(finding, message, isShown)
    if (!isShown) {
      this.#ledger.filtered += 1
      return
    }
    this.#shown += 1
    this.#show({ message, number: this.#shown, finding })
  }
}
