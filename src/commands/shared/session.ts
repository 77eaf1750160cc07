import { GroundwireError } from '../../core/errors.ts'
import { Ledger, LOSS_CAUSES } from '../../core/ledger.ts'
import type { BaseEvents, ListenerError, Role } from '../../core/role.ts'
import { ExitCode } from './exit-code.ts'
import type { LedgerFile } from './ledger-file.ts'
import { LinkReporter, LossReporter, UnheardReporter } from './reports.ts'
import { type LineStream, Terminal } from './terminal/terminal.ts'

/** Streams, environment and stop signal that `main` hands to a command. */
export interface Io {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: LineStream
  readonly env: NodeJS.ProcessEnv
  /** Aborts when the user wants the command to stop. */
  readonly stop: AbortSignal
}

/** The values of the options common to all commands. */
export interface CommonValues {
  readonly ledger: string | undefined
  readonly 'fail-on-loss': boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly timestamps: boolean
}

/** Time that a role has to flush when it stops, in ms. */
const FLUSH_MS = 2_000
/** The longest interval of a timer, in ms. */
const LONGEST_MS = 2 ** 31 - 1

/** The end of a command. */
export interface Ending {
  /** The role to end. Default: no role, and only the books are closed. */
  readonly role?: Pick<Role<BaseEvents>, 'drain' | 'close'>
  /** Called once the role has drained, or its time is up. */
  readonly flush?: (() => void) | undefined
  /** Least time for the bus to take the last messages once the role is closed, in ms. Default 0. */
  readonly linger?: (() => number) | undefined
  /** The exit code, asked for once the role is closed. Default 0. */
  readonly code?: (() => number) | undefined
}

/** One run of a command: its terminal, its end, and its books. */
export class Session {
  readonly io: Io
  readonly command: string
  readonly terminal: Terminal
  readonly losses: LossReporter
  readonly unheard: UnheardReporter
  readonly links: LinkReporter
  /** The command's account; its role keeps it. */
  readonly ledger: Ledger
  readonly #values: CommonValues
  readonly #end = new AbortController()
  readonly #flushEnd = new AbortController()
  #flushBy = Number.POSITIVE_INFINITY
  #readerGone = false
  #ledgerFile: LedgerFile | undefined

  constructor(command: string, values: CommonValues, io: Io) {
    this.io = io
    this.command = command
    this.ledger = new Ledger(command)
    this.#values = values
    this.terminal = new Terminal({ ...values, command, stderr: io.stderr, env: io.env })
    this.losses = new LossReporter(this.terminal)
    this.unheard = new UnheardReporter(this.terminal)
    this.links = new LinkReporter(this.terminal)
    if (io.stop.aborted) this.#stop()
    else io.stop.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /** Aborts as soon as the command should end: by the user, once its own work is done, or by {@link end}. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** Aborts two seconds after the user asked for the end: the time for messages in hand. */
  get flushEnded(): AbortSignal {
    return this.#flushEnd.signal
  }

  /** Ends the command's waiting. The first reason wins. */
  end(reason?: unknown): void {
    this.#end.abort(reason)
  }

  /** Ends the command quietly, as the reader of its standard output has gone: `| head` has all it wanted. */
  readerGone(): void {
    this.#readerGone = true
    this.end()
  }

  get isReaderGone(): boolean {
    return this.#readerGone
  }

  /** Whether the user ended the command, by a signal. */
  get stoppedByUser(): boolean {
    return this.io.stop.aborted
  }

  /** Resolves when the command should end; rejects if {@link end} was given an error. */
  async untilEnded(): Promise<void> {
    const { ended } = this
    // Keep the process alive while a role has nothing open.
    const alive = setInterval(() => {}, LONGEST_MS)
    if (!ended.aborted) await new Promise(resolve => ended.addEventListener('abort', resolve, { once: true }))
    clearInterval(alive)
    if (ended.reason instanceof GroundwireError) throw ended.reason
  }

  /** Keeps `--ledger FILE` up to date from now on. A file that can't be written is a warning, and ends nothing. */
  async keepBooks(): Promise<void> {
    if (this.#values.ledger === undefined) return
    const { LedgerFile } = await import('./ledger-file.ts')
    this.#ledgerFile = new LedgerFile(this.#values.ledger, this.ledger, this.terminal)
    await this.#ledgerFile.start()
  }

  /** Closes the ledger and its file, at every end, even a failure. @returns whether its last record was written */
  async closeBooks(): Promise<boolean> {
    this.terminal.settle()
    this.ledger.stopped ??= new Date()
    const file = this.#ledgerFile
    this.#ledgerFile = undefined
    const problem = await file?.finish()
    if (problem === undefined) return true
    this.terminal.error(`the ledger's last record can't be written to ${this.#values.ledger}: ${problem}`)
    return false
  }

  /** Reports that one of our own listeners threw. The role goes on. */
  readonly reportDefect = ({ event, error }: ListenerError): void => {
    const reason = error instanceof Error ? error.stack : String(error)
    this.terminal.error(`a defect in groundwire, in a listener of '${event}': ${reason}`)
  }

  /**
   * Ends a role as a signal asks: it takes nothing more in, flushes for two seconds at most, and is closed. Then the books
   * are closed and summed up.
   * @returns the exit code: 6 instead of 0 if messages were lost and --fail-on-loss was given
   */
  async finish({ role, flush, linger, code }: Ending = {}): Promise<number> {
    const deadline = Math.min(performance.now() + FLUSH_MS, this.#flushBy)
    const left = () => Math.max(0, Math.round(deadline - performance.now()))
    const isFlushed = await settled(role?.drain({ signal: AbortSignal.timeout(left()) }))
    if (!isFlushed)
      this.terminal.warn(`the bus did not take all that was in hand within ${FLUSH_MS / 1000} s`)
    flush?.()
    await role?.close({ linger: Math.max(left(), linger?.() ?? 0) })
    const isWritten = await this.closeBooks()
    if (!this.#readerGone) {
      this.losses.flush()
      this.unheard.flush()
      this.terminal.info(summaryOf(this.ledger))
    }
    return this.#exitCode(code?.() ?? ExitCode.OK, isWritten)
  }

  #exitCode(code: number, isWritten: boolean): number {
    if (code === ExitCode.OK && !isWritten) return ExitCode.FAILED
    if (this.#readerGone) return ExitCode.OK
    const isLossy = this.#values['fail-on-loss'] && !this.ledger.lossless
    return code === ExitCode.OK && isLossy ? ExitCode.LOSS : code
  }

  #stop(): void {
    this.#flushBy = performance.now() + FLUSH_MS
    setTimeout(() => this.#flushEnd.abort(), FLUSH_MS).unref()
    this.end(this.io.stop.reason)
  }
}

/** Whether a promise is fulfilled. */
function settled(promise: Promise<void> | undefined): Promise<boolean> {
  return (promise ?? Promise.resolve()).then(
    () => true,
    () => false,
  )
}

/** A ledger in one line. */
export function summaryOf(ledger: Ledger): string {
  const { received, sent, unheard } = ledger
  const filtered = ledger.filtered === 0 ? '' : ` filtered ${ledger.filtered},`
  const causes = LOSS_CAUSES.filter(cause => ledger.lost(cause) > 0).map(
    cause => `${cause} ${ledger.lost(cause)}`,
  )
  const lost = causes.length === 0 ? 'lost 0' : `lost ${ledger.totalLost} (${causes.join(', ')})`
  return `received ${received.messages} (${received.bytes} bytes), sent ${sent.messages},${filtered} unheard ${unheard}, ${lost}`
}
