import type { CarrierName } from '../../core/bus/carrier.ts'
import { topicsNow } from '../../core/bus/topics-now.ts'
import type { Ledger } from '../../core/ledger.ts'
import { nearest } from '../../core/nearest.ts'
import { type Selection, selectionText } from '../shared/selection.ts'
import type { Session } from '../shared/session.ts'

/** After how long without a message it is asked which topics flow, in ms; then after three times that, and so on. */
const SILENCE_MS = 3_000
const LOOKS = 3
/** How long it is listened to all topics, in ms. */
const LISTEN_MS = 1_000
/** How many topics are named. */
const NAMED = 5

export interface SilenceOptions {
  readonly selection: Selection
  readonly xpub: string
  readonly carrier: CarrierName
}

/**
 * Helps whoever watches topics that stay silent while others flow, as when a name is mistyped: names the topics that there are,
 * the nearest first. Nothing is done for messages that do come; the ledger tells whether there were any.
 */
export class Silence {
  readonly #session: Session
  readonly #options: SilenceOptions
  #timer: NodeJS.Timeout | undefined
  #begun = false

  constructor(session: Session, options: SilenceOptions) {
    this.#session = session
    this.#options = options
  }

  /** Begins to wait, once: a connection that comes back changes nothing. */
  begin(): void {
    if (!this.#begun) this.#watch(SILENCE_MS, LOOKS)
    this.#begun = true
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #watch(afterMs: number, looks: number): void {
    this.#timer = setTimeout(() => void this.#look(afterMs, looks), afterMs).unref()
  }

  async #look(afterMs: number, looks: number): Promise<void> {
    const { selection, xpub, carrier } = this.#options
    const { ledger, ended, terminal } = this.#session
    const silent = silentOf(selection, ledger)
    if (silent === undefined) return
    const flowing = await topicsNow({ xpub, carrier, durationMs: LISTEN_MS, signal: ended }).catch(() => [])
    if (ended.aborted) return
    const others = flowing.filter(name => !isSelected(name, silent))
    // Leave out topics that had messages meanwhile.
    const text = silentOf(silent, ledger)
    if (others.length > 0 && text !== undefined) {
      terminal.info(`no message of ${selectionText(text)} so far; topics that flow: ${named(others, silent)}`)
    } else if (looks > 1) {
      this.#watch(afterMs * 3, looks - 1)
    }
  }
}

/** The part of a selection of which no message has come; undefined where there is none. */
function silentOf({ topics, prefix }: Selection, ledger: Ledger): Selection | undefined {
  const seen = Object.keys(ledger.toJSON().topics)
  const silent = {
    topics: topics.filter(name => !seen.includes(name)),
    prefix: prefix.filter(start => !seen.some(name => name.startsWith(start))),
  }
  return silent.topics.length + silent.prefix.length === 0 ? undefined : silent
}

function isSelected(name: string, { topics, prefix }: Selection): boolean {
  return topics.includes(name) || prefix.some(start => name.startsWith(start))
}

function named(flowing: readonly string[], { topics, prefix }: Selection): string {
  const near = [...topics, ...prefix].flatMap(word => nearest(word, flowing, NAMED))
  const names = [...new Set([...near, ...flowing])]
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${names
    .slice(0, NAMED)
    .map(name => `'${name}'`)
    .join(', ')}${more}`
}
