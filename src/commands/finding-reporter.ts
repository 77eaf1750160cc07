import type { SequenceEvent, SequenceEventKind } from '../core/ccsds/sequence-event.ts'
import { findingWords } from '../core/ccsds/words.ts'
import { printable } from '../core/format/printable.ts'
import type { Terminal } from './terminal.ts'

const INTERVAL_MS = 1_000

/** Says on standard error what sequence counts tell, where the output has no place for it: a line a second at most. */
export class FindingReporter {
  readonly #terminal: Terminal
  readonly #more = new Map<SequenceEventKind, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  report(finding: SequenceEvent, topic: string): void {
    if (this.#timer === undefined) {
      const { type, apid } = finding
      this.#terminal.warn(`${printable(topic)} ${type} APID ${apid}: ${findingWords(finding)}`)
      this.#timer = setTimeout(() => this.flush(), INTERVAL_MS).unref()
    } else this.#more.set(finding.kind, (this.#more.get(finding.kind) ?? 0) + 1)
  }

  /** Says what has been found since. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#more.size === 0) return
    const counts = [...this.#more].map(([kind, times]) => `${times} more of ${kind}`)
    this.#more.clear()
    this.#terminal.warn(`sequence counts: ${counts.join(', ')}`)
  }
}
