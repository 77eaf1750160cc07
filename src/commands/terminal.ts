import { Chalk, type ChalkInstance } from 'chalk'
import type { Ora } from 'ora'

/** Where a command may write, and what it knows of it. */
export interface TerminalOptions {
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly command: string
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
}

/** Whether colour may be written to a stream: a terminal that shows it, whose user has not said no (no-color.org). */
export function allowsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv, wanted: boolean): boolean {
  return wanted && stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Whether a spinner can be drawn, and wiped off again: a terminal without a width would have its other lines wiped. */
function allowsSpinner(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY && stream.columns > 0 && env['TERM'] !== 'dumb'
}

/** Standard error: all that a command says and that is not its data, one line at a time. */
export class Terminal {
  readonly chalk: ChalkInstance
  readonly verbose: boolean
  readonly #options: TerminalOptions
  #spinner: Ora | undefined
  /** The text of the spinner that is wanted, while ora is still being loaded. */
  #waiting: string | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.verbose = options.verbose && !options.quiet
    this.chalk = new Chalk({ level: allowsColor(options.stderr, options.env, options.color) ? 1 : 0 })
  }

  /** Says what happens in the ordinary course of things. */
  info(text: string): void {
    if (!this.#options.quiet) this.#line(text)
  }

  /** Says what only --verbose is for. */
  detail(text: string): void {
    if (this.verbose) this.#line(this.chalk.dim(text))
  }

  /** Says what a user should look at. */
  warn(text: string): void {
    if (!this.#options.quiet) this.#line(`${this.chalk.yellow('warning:')} ${text}`)
  }

  /** Says why it failed, even with --quiet. */
  error(text: string, hint?: string): void {
    this.#line(`${this.chalk.red('error:')} ${text}${hint === undefined ? '' : ` (${hint})`}`)
  }

  /** Shows on a terminal what is going on, until {@link settle} or another text. A line that stays is for `info`. */
  async wait(text: string): Promise<void> {
    const { quiet, stderr, env } = this.#options
    if (quiet || !allowsSpinner(stderr, env)) return
    this.#waiting = text
    const { default: ora } = await import('ora')
    if (this.#waiting !== text) return
    if (this.#spinner !== undefined) {
      this.#spinner.text = text
      return
    }
    // ora does not know of NO_COLOR.
    const color = this.chalk.level > 0 ? 'cyan' : false
    this.#spinner = ora({ text, stream: stderr, color, discardStdin: false, hideCursor: true }).start()
  }

  /** Ends the spinner. */
  settle(): void {
    this.#waiting = undefined
    this.#spinner?.stop()
    this.#spinner = undefined
  }

  #line(text: string): void {
    const spinner = this.#spinner
    spinner?.stop()
    this.#options.stderr.write(`${this.chalk.dim(`${this.#options.command}:`)} ${text}\n`)
    spinner?.start()
  }
}
