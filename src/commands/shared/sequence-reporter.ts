import type { SequenceEvent } from '../../core/ccsds/sequence-event.ts'
import { sequenceText } from '../../core/ccsds/sequence-text.ts'
import { printable } from '../../core/format/printable.ts'
import type { Terminal } from './terminal/terminal.ts'

const INTERVAL_MS = 1_000

/** Reports faults of sequence counts: the first at once, then the latest with a count, once a second. */
export class SequenceReporter {
  readonly #terminal: Terminal
  #latest: string | undefined
  #more = 0
  #timer: NodeJS.Timeout | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** @param topic the topic of the packet, for a command that follows several */
  readonly report = (event: SequenceEvent, topic?: string): void => {
    const text = `${topic === undefined ? '' : `${printable(topic)}, `}${sequenceText(event)}`
    if (this.#timer !== undefined) {
      this.#latest = text
      this.#more += 1
      return
    }
    this.#terminal.warn(text)
    this.#timer = setTimeout(() => this.flush(), INTERVAL_MS).unref()
  }

  /** Reports the findings held back since the last line. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#latest === undefined) return
    const others = this.#more > 1 ? ` (and ${this.#more - 1} more)` : ''
    this.#terminal.warn(`${this.#latest}${others}`)
    this.#latest = undefined
    this.#more = 0
  }
}
