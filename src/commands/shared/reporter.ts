import type { Terminal } from './terminal/terminal.ts'

const INTERVAL_MS = 1_000
/** Kinds that are told apart; what is of a further kind is counted with the others. */
const MAX_KINDS = 16
const OTHERS = Symbol('others')

export interface ReporterOptions {
  /** Says how many more there were of a kind; undefined is all the kinds that are not told apart. */
  readonly more: (count: number, kind: string | undefined) => string
  /** The number of kinds that are told apart. Default 16. */
  readonly kinds?: number
  /** Several counts go into one line, with this between them. Default: a line for each. */
  readonly join?: (counts: readonly string[]) => string
  /** `info` for what is not to be worried about. Default `warn`. */
  readonly level?: 'info' | 'warn'
}

/**
 * Says the first of a kind at once, and further ones as a count, once a second at most: what happens thousands of times a second
 * must neither flood standard error nor be kept from it.
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
   * @param first says the first of its kind
   * @returns whether that was said now
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

  /** Says that something has begun, and no more of its kind. */
  begin(kind: string, first: () => string, count = 1): void {
    if (!this.#seen.has(kind)) this.report(kind, first, count)
  }

  /** Says what has been counted since. */
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
