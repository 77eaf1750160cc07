import type { TappedMessage } from '../../core/tap/message.ts'
import type { Ledger } from '../../core/ledger.ts'
import type { Expectation } from '../../core/tap/expectation.ts'
import { TopicSequences } from '../../core/tap/sequences.ts'
import { Statistics } from '../../core/tap/statistics.ts'
import { statisticsTable } from '../../core/tap/statistics-table.ts'
import { Traffic } from '../../core/tap/traffic.ts'
import type { TapValues } from './options.ts'

/** An expectation that was not met, and the finding instead. */
export interface Unmet {
  readonly text: string
  readonly saw: string
}

/** The account of the messages that a tap looks at. It keeps only the parts asked for. */
export class TapReport {
  /** The sequence counts, if they are followed. */
  readonly sequences: TopicSequences | undefined
  /** All messages, for --stats and --expect. */
  readonly traffic: Traffic
  readonly observers: readonly ((message: TappedMessage) => void)[]
  readonly #expectations: readonly Expectation[]
  readonly #statistics = new Statistics()

  constructor({ ccsds, stats, expect, apid }: TapValues, ledger: Ledger) {
    this.#expectations = expect
    this.traffic = stats ? this.#statistics.total : new Traffic()
    const observers = expect.flatMap(({ observe }) => observe ?? [])
    if (stats) observers.push(message => this.#statistics.observe(message))
    else if (expect.length > 0) observers.push(({ at, size }) => this.traffic.observe(at, size))
    this.observers = observers
    if (ccsds || stats || expect.some(({ needsSequences }) => needsSequences)) {
      const sequences = new TopicSequences(apid)
      this.sequences = sequences
      ledger.addSection(
        'ccsds',
        () => sequences.toJSON(),
        () => sequences.toJSON().missing,
      )
    }
  }

  /** The table of --stats. @param end the end of the watch, if that was not its last message */
  table(end: number | undefined): string {
    return statisticsTable(this.#statistics, this.sequences, end)
  }

  /** The expectations that are not met at the end. */
  unmet(end: number | undefined): Unmet[] {
    const seen = { traffic: this.traffic, sequences: this.sequences, end }
    return this.#expectations.flatMap(({ text, judge }) => {
      const { met, saw } = judge(seen)
      return met ? [] : [{ text, saw }]
    })
  }
}
