import { printable } from '../../../core/format/printable.ts'
import { colors } from './colors.ts'
import type { Screen, Spinner } from './spinner.ts'

/** A destination of lines: standard error, or its stand-in. A terminal can be drawn on as well. */
export interface LineStream extends Partial<Screen> {
  readonly isTTY?: boolean
  write(line: string): unknown
}

/** The stream that a command writes lines to, and how. */
export interface TerminalOptions {
  readonly stderr: LineStream
  readonly env: NodeJS.ProcessEnv
  readonly command: string
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  /** Put the time before each line. */
  readonly timestamps: boolean
}

/** Whether a stream may have colour: it is a terminal that shows colour, and its user allows it (no-color.org). */
export function allowsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv, wanted: boolean): boolean {
  return wanted && stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** The screen for a spinner. Undefined for a terminal without a width, where a spinner can't be wiped off again. */
function screenOf({ stderr, quiet, env }: TerminalOptions): Screen | undefined {
  if (quiet || !stderr.isTTY || stderr.draw === undefined || env['TERM'] === 'dumb') return undefined
  return (stderr.columns ?? 0) > 0 ? (stderr as Screen) : undefined
}

type Color = 'dim' | 'yellow' | 'red'

/**
 * Standard error: a command's messages, apart from its data, one line at a time. Texts may hold input from outside, such as
 * topics or a peer's reasons. This is the one place that makes all of a line but its colours {@link printable}.
 */
export class Terminal {
  readonly #colors: ReturnType<typeof colors>
  readonly verbose: boolean
  readonly #options: TerminalOptions
  #spinner: Spinner | undefined
  /** Text of the wanted spinner, while ora is still loading. */
  #waiting: string | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.verbose = options.verbose && !options.quiet
    this.#colors = allowsColor(options.stderr, options.env, options.color) ? colors() : undefined
  }

  /** Reports an ordinary event. */
  info(text: string): void {
    if (!this.#options.quiet) this.#line(printable(text))
  }

  /** Reports a detail, with --verbose only. */
  detail(text: string): void {
    if (this.verbose) this.#line(this.#paint('dim', printable(text)))
  }

  /** Reports an event that a user should look at. */
  warn(text: string): void {
    if (!this.#options.quiet) this.#line(`${this.#paint('yellow', 'warning:')} ${printable(text)}`)
  }

  /** Reports the reason of a failure, even with --quiet. */
  error(text: string, hint?: string): void {
    const whole = hint === undefined ? text : `${text} (${hint})`
    this.#line(`${this.#paint('red', 'error:')} ${printable(whole)}`)
  }

  /** Reports a bug in groundwire, with a line for each call on the stack. */
  defect(error: unknown): void {
    this.error(`a defect in groundwire: ${String(error)}`)
    for (const call of callsOf(error)) this.#line(printable(call))
  }

  /** Reports the origin of an error, with --verbose only. */
  origin(error: unknown): void {
    for (const call of callsOf(error)) this.detail(call)
  }

  /** Shows a spinner with this text on a terminal, until {@link settle} or another text. Use `info` for a line that stays. */
  async wait(text: string): Promise<void> {
    const screen = screenOf(this.#options)
    if (screen === undefined) return
    const shown = printable(text)
    this.#waiting = shown
    const { loadSpinner } = await import('./spinner.ts')
    const start = await loadSpinner()
    // While ora was loading, the wait may have ended or changed.
    if (this.#waiting !== shown) return
    const color = this.#colors === undefined ? false : 'cyan'
    if (this.#spinner === undefined) this.#spinner = start(screen, shown, color)
    else this.#spinner.text = shown
  }

  /** Removes the spinner. */
  settle(): void {
    this.#waiting = undefined
    this.#spinner?.stop()
    this.#spinner = undefined
  }

  #paint(color: Color, text: string): string {
    return this.#colors === undefined ? text : this.#colors[color](text)
  }

  /** @param text already printable, and painted */
  #line(text: string): void {
    const { stderr, command, timestamps } = this.#options
    const time = timestamps ? `${new Date().toISOString()} ` : ''
    this.#spinner?.erase()
    stderr.write(`${this.#paint('dim', `${time}${command}:`)} ${text}\n`)
    this.#spinner?.draw()
  }
}

/** The calls that led to an error, a text each, without the error's message, which may have several lines. */
function callsOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return stack.split('\n').filter(line => /^\s+at /.test(line))
}
