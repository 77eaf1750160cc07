import type { Terminal } from './terminal/terminal.ts'

const INTERVAL_MS = 1_000
/** Number of kinds told apart. Events of further kinds are counted together. */
const MAX_KINDS = 16
const OTHERS = Symbol('others')

export interface ReporterOptions {
  /** The line for the further events of a kind; undefined stands for all the kinds not told apart. */
  readonly more: (count: number, kind: string | undefined) => string
  /** Number of kinds told apart. Default 16. */
  readonly kinds?: number
  /** Separator of several counts on one line. Default: a line for each. */
  readonly join?: (counts: readonly string[]) => string
  /** `info` for harmless events. Default `warn`. */
  readonly level?: 'info' | 'warn'
}

/**
 * Reports the first event of a kind at once, and further ones as a count, once a second at most. Events that come thousands
 * of times a second must neither flood standard error nor be missing from it.
 */
export class Reporter {
  readonly #terminal: Terminal
  readonly #options: ReporterOptions
  readonly #seen = new Set<string>()
  readonly #more = new Map<string | typeof OTHERS, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(terminal: Terminal, options: ReporterOptions) {
    this.#terminal = terminal
    this.#options = options
  }

  /**
   * @param first makes the line for the first of its kind
   * @returns whether that line was written now
   */
  report(kind: string, first: () => string, count = 1): boolean {
    const isKnown = this.#seen.has(kind)
    if (!isKnown && this.#seen.size < (this.#options.kinds ?? MAX_KINDS)) {
      this.#seen.add(kind)
      this.#say(first())
      return true
    }
    const key = isKnown ? kind : OTHERS
    this.#more.set(key, (this.#more.get(key) ?? 0) + count)
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS).unref()
    return false
  }

  /** Reports the first event of a kind, and never counts further ones. */
  begin(kind: string, first: () => string, count = 1): void {
    if (!this.#seen.has(kind)) this.report(kind, first, count)
  }

  /** Reports the counts since the last report. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { more, join } = this.#options
    const counts = [...this.#more].map(([kind, count]) => more(count, kind === OTHERS ? undefined : kind))
    this.#more.clear()
    if (counts.length === 0) return
    for (const line of join === undefined ? counts : [join(counts)]) this.#say(line)
  }

  #say(line: string): void {
    this.#terminal[this.#options.level ?? 'warn'](line)
  }
}
