import { GroundwireError } from '../../core/errors.ts'
import { Deadlines } from '../../core/tap/deadlines.ts'
import type { FilterChain } from '../../core/tap/filter.ts'
import { Recorder } from '../../core/tap/recorder.ts'
import { Silence } from '../../core/tap/silence.ts'
import { busOptions } from '../shared/command-line/command.ts'
import { ExitCode } from '../shared/exit-code.ts'
import { runRole } from '../shared/run-role.ts'
import { patternWarnings, selectionText } from '../shared/selection.ts'
import { SequenceReporter } from '../shared/sequence-reporter.ts'
import type { Session } from '../shared/session.ts'
import { filtersOf, leftOutText, thinningOf } from './filters.ts'
import { formOf, sinkOpener } from './form.ts'
import { exceptionsOf, type TapValues } from './options.ts'
import { reportProgress } from './progress.ts'
import { TapReport } from './report.ts'
import { silenceText } from './silence-text.ts'

/** One run of `groundwire tap`: its role, its ends, the report and the exit code. */
export class TapRun {
  readonly #values: TapValues
  readonly #session: Session
  readonly #report: TapReport
  readonly #filters: FilterChain
  readonly #thinning: FilterChain
  readonly #findings: SequenceReporter
  readonly #role: Recorder
  readonly #deadlines: Deadlines
  readonly #silence: Silence
  /** The named pipe that has no reader yet. */
  #unread: string | undefined
  #isConnected = false
  /** The reason why there is no connection, if known. */
  #linkFault: string | undefined
  #hasFailed = false
  #endProgress: (() => void) | undefined

  /** @throws {UsageError} for a form that can't go to a terminal */
  constructor(values: TapValues, session: Session) {
    this.#values = values
    this.#session = session
    this.#report = new TapReport(values, session.ledger)
    this.#filters = filtersOf(values)
    this.#thinning = thinningOf(values)
    this.#findings = new SequenceReporter(session.terminal)
    this.#role = this.#makeRole()
    const lastSeen = () => this.#role.watch.lastSeen
    this.#deadlines = new Deadlines(values, lastSeen, () => this.#onDeadline())
    this.#silence = new Silence({
      selection: { topics: values.topics, prefixes: values.prefix },
      ledger: session.ledger,
      bus: busOptions(values),
      signal: session.ended,
      onSilence: (silent, flowing) => session.terminal.info(silenceText(silent, flowing)),
    })
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { terminal } = this.#session
    for (const warning of patternWarnings(this.#values)) terminal.warn(warning)
    this.#role.on('link', ({ type, reason }) => {
      this.#linkFault = reason
      if (type === 'connected') this.#onConnected()
    })
    try {
      const code = await runRole(this.#session, this.#role, {
        started: () => {
          this.#unread = undefined
        },
        ready: () => `watching ${selectionText(this.#values)} at ${this.#values.xpub}`,
        run: options => this.#role.run(options),
        // One that has an end is asked for an answer; any other is a service.
        isOneOff: (this.#values.count ?? this.#values.timeout ?? this.#values.duration) !== undefined,
        flush: () => this.#flush(),
      })
      return this.#unread === undefined ? this.#verdict(code) : code
    } finally {
      this.#endProgress?.()
      this.#deadlines.clear()
      this.#silence.end()
    }
  }

  #makeRole(): Recorder {
    const values = this.#values
    const { ledger } = this.#session
    const dropped = new Map<string, number>()
    const form = formOf(values, this.#session, dropped, () => this.#report.table(this.#role.ended))
    return new Recorder({
      topics: values.topics,
      prefixes: values.prefix,
      except: exceptionsOf(values),
      decoding: values.codec,
      ...busOptions(values),
      ledger,
      watch: {
        filters: this.#filters,
        thinning: this.#thinning,
        sequences: this.#report.sequences,
        observers: this.#report.observers,
        onFinding: (finding, { topic }, isShown) => {
          if (!isShown || !form.tellsFindings) this.#findings.report(finding, topic)
        },
      },
      openSink: sinkOpener(values, this.#session, path => this.#onUnread(path)),
      formatter: form.formatter,
      form: form.name,
      dropped,
      count: values.count,
      onSinkEnd: error => this.#onSinkEnd(error),
    })
  }

  #onConnected(): void {
    if (!this.#isConnected && this.#values.stats)
      this.#endProgress = reportProgress(this.#session.terminal, this.#report.traffic)
    this.#isConnected = true
    this.#deadlines.ready()
    this.#silence.begin()
  }

  #onDeadline(): void {
    const path = this.#unread
    this.#session.end(path === undefined ? undefined : new GroundwireError('IO', `nobody reads ${path}`))
  }

  #onUnread(path: string): void {
    this.#unread = path
    this.#session.terminal.info(`waiting for somebody to read ${path}`)
  }

  /** Ends the run in order when the reader has gone, or the output has failed. */
  #onSinkEnd(error: GroundwireError | null): void {
    if (error === null) return this.#session.readerGone()
    this.#hasFailed = true
    this.#session.terminal.error(error.message, error.hint)
  }

  #flush(): void {
    this.#endProgress?.()
    this.#findings.flush()
    const leftOut = leftOutText(this.#filters, this.#thinning)
    if (leftOut !== undefined && !this.#session.isReaderGone) this.#session.terminal.info(leftOut)
  }

  /** Reports the expectations that were not met. @param code the exit code so far */
  #verdict(code: number): number {
    if (this.#hasFailed) return ExitCode.FAILED
    const { terminal, stoppedByUser, isReaderGone } = this.#session
    if (isReaderGone || (code !== ExitCode.OK && code !== ExitCode.LOSS)) return code
    const unmet = this.#report.unmet(this.#role.ended)
    if (unmet.length === 0 && stoppedByUser) return code
    if (!this.#isConnected) {
      terminal.error(`no proxy at ${this.#values.xpub} in time`, this.#linkFault)
      return ExitCode.NOBODY
    }
    for (const { text, saw } of unmet) terminal.error(`expected ${text}, saw ${saw}`)
    if (unmet.length > 0) return ExitCode.UNMET
    const { shown } = this.#role.watch
    const wanted = this.#values.count ?? 0
    if (shown >= wanted) return code
    terminal.error(`${shown} of ${wanted} messages came in time`)
    return ExitCode.UNMET
  }
}
