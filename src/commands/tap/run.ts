import { Tap } from '../../core/client/tap.ts'
import type { GroundwireError } from '../../core/errors.ts'
import type { ShownMessage } from '../../core/format/formatter.ts'
import { count } from '../../core/ledger.ts'
import type { FilterChain } from '../../core/tap/filter.ts'
import { Watch } from '../../core/tap/watch.ts'
import { Deadlines } from './deadlines.ts'
import { busOptions } from '../shared/command-line/command.ts'
import { ExitCode } from '../shared/exit-code.ts'
import { Output } from './output.ts'
import { runRole } from '../shared/run-role.ts'
import { patternWarnings, selectionText } from '../shared/selection.ts'
import { SequenceReporter } from '../shared/sequence-reporter.ts'
import { NOTHING_OPEN, type Session } from '../shared/session.ts'
import { filtersOf, leftOutText, thinningOf } from './filters.ts'
import { type Form, formOf, sinkFor } from './form.ts'
import { exceptionsOf, type TapValues } from './options.ts'
import { reportProgress } from './progress.ts'
import { TapReport } from './report.ts'
import { Silence } from './silence.ts'

/** One run of `groundwire tap`: from the role's messages to the output, the report and the exit code. */
export class TapRun {
  readonly #values: TapValues
  readonly #session: Session
  readonly #report: TapReport
  readonly #filters: FilterChain
  readonly #thinning: FilterChain
  readonly #findings: SequenceReporter
  readonly #deadlines: Deadlines
  readonly #silence: Silence
  readonly #form: Form
  /** By topic, what the reader was too slow for. */
  readonly #dropped = new Map<string, number>()
  readonly #watch: Watch
  readonly #role: Tap
  #output: Output | undefined
  #connected = false
  /** Why there is no connection, where that is known. */
  #linkFault: string | undefined
  #failed = false
  #readerGone = false
  /** When the watch ended, on the monotonic clock, where that was not with its last message. */
  #end: number | undefined

  constructor(values: TapValues, session: Session) {
    const { ledger } = session
    this.#values = values
    this.#session = session
    this.#report = new TapReport(values, ledger)
    this.#filters = filtersOf(values)
    this.#thinning = thinningOf(values)
    this.#findings = new SequenceReporter(session.terminal)
    this.#deadlines = new Deadlines(values, () => session.end())
    this.#silence = new Silence(session, {
      selection: values,
      bus: busOptions(values),
    })
    this.#form = formOf(values, session, this.#dropped, () => this.#report.table(this.#end))
    this.#watch = new Watch({
      ledger,
      filters: this.#filters,
      thinning: this.#thinning,
      sequences: this.#report.sequences,
      observers: [...this.#report.observers, this.#deadlines.message],
      show: shown => this.#show(shown),
      onFinding: (finding, { topic }, shown) => {
        if (!shown || !this.#form.tellsFindings) this.#findings.report(finding, topic)
      },
    })
    this.#role = new Tap({
      topics: values.topics,
      prefixes: values.prefix,
      except: exceptionsOf(values),
      decoding: values.codec,
      ...busOptions(values),
      ledger,
      accounts: true,
      onMessage: message => this.#watch.take(message),
    })
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { xpub, stats } = this.#values
    const { terminal } = this.#session
    for (const warning of patternWarnings(this.#values)) terminal.warn(warning)
    let endProgress: (() => void) | undefined
    try {
      this.#output = await this.#openOutput()
    } catch (error) {
      if (!this.#session.stoppedByUser) throw error
      return this.#session.finish(NOTHING_OPEN)
    }
    this.#role.on('link', ({ type, reason }) => {
      this.#linkFault = reason
      if (type !== 'connected') return
      if (!this.#connected && stats) endProgress = reportProgress(terminal, this.#report.traffic)
      this.#connected = true
      this.#deadlines.ready()
      this.#silence.begin()
    })
    try {
      const code = await runRole(this.#session, this.#role, {
        ready: () => `watching ${selectionText(this.#values)} at ${xpub}`,
        flush: async wait => {
          endProgress?.()
          await this.#finish(wait)
        },
      })
      return this.#verdict(code)
    } finally {
      endProgress?.()
      this.#deadlines.clear()
      this.#silence.end()
    }
  }

  async #openOutput(): Promise<Output> {
    const { ledger } = this.#session
    const sink = await sinkFor(this.#values, this.#session)
    const options = { maxMessage: this.#values['max-message'], decoding: this.#values.codec }
    const output = new Output(sink, this.#form.formatter, options, {
      written: size => count(ledger.sent, size),
      dropped: topic => {
        this.#dropped.set(topic, (this.#dropped.get(topic) ?? 0) + 1)
        this.#session.lose('overflow', `${sink.name} is too slow: the oldest messages go`)
      },
      unwritable: ({ message: { topic } }, reason) =>
        this.#session.lose('undeliverable', `no ${this.#form.name} for a message of '${topic}': ${reason}`),
      closed: (error, unwritten) => this.#onClosed(error, unwritten),
    })
    await output.start()
    return output
  }

  #show(shown: ShownMessage): void {
    if (this.#form.silent) count(this.#session.ledger.sent, shown.message.size)
    else this.#output?.write(shown)
    if (shown.number === this.#values.count) void this.#complete()
  }

  /** All that was wanted is there: the reader has all the time to take it that --timeout and the user leave. */
  async #complete(): Promise<void> {
    this.#role.stopReading()
    await this.#output?.drain({ signal: this.#session.ended }).catch(() => {})
    this.#session.end()
  }

  #stop(): void {
    this.#role.stopReading()
    this.#session.end()
  }

  /** The reader has gone, or the output failed: what can't be written any more is accounted for, and the end is orderly. */
  #onClosed(error: GroundwireError | null, unwritten: number): void {
    this.#session.ledger.lose('undeliverable', unwritten)
    if (error === null) {
      this.#readerGone = true
      this.#session.readerGone()
    } else if (!this.#failed) {
      this.#failed = true
      this.#session.terminal.error(error.message, error.hint)
    }
    this.#stop()
  }

  /** After the last message: writes out what is left. */
  async #finish(wait: { signal?: AbortSignal | undefined }): Promise<void> {
    // A watch that ends with the message that it waited for has seen no silence.
    if (this.#watch.shown !== this.#values.count) this.#end = performance.now()
    await this.#output?.drain(wait).catch(() => {})
    await this.#output?.close()
    this.#findings.flush()
    const leftOut = leftOutText(this.#filters, this.#thinning)
    if (leftOut !== undefined && !this.#readerGone) this.#session.terminal.info(leftOut)
  }

  #verdict(code: number): number {
    if (this.#failed) return ExitCode.FAILED
    if (this.#readerGone || (code !== ExitCode.OK && code !== ExitCode.LOSS)) return code
    const { shown } = this.#watch
    const wanted = this.#values.count ?? 0
    const { terminal, stoppedByUser } = this.#session
    const unmet = this.#report.unmet(this.#end)
    if (unmet.length === 0 && stoppedByUser) return code
    if (!this.#connected) {
      terminal.error(`no proxy at ${this.#values.xpub} in time`, this.#linkFault)
      return ExitCode.NOBODY
    }
    for (const { text, saw } of unmet) terminal.error(`expected ${text}, saw ${saw}`)
    if (unmet.length > 0) return ExitCode.UNMET
    if (shown >= wanted) return code
    terminal.error(`${shown} of ${wanted} messages came in time`)
    return ExitCode.UNMET
  }
}
