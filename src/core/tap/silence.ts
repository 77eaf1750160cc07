import type { BusOptions } from '../bus/bus-options.ts'
import { topicsNow } from '../bus/topics-now.ts'
import type { Ledger } from '../ledger.ts'
import { nearest } from '../nearest.ts'

/** Silence after which the bus is asked which topics flow, in ms. The next time it is three times that, and so on. */
const SILENCE_MS = 3_000
const LOOKS = 3
/** Time for which all topics are listened to, in ms. */
const LISTEN_MS = 1_000
/** Near names that are looked for, for each silent topic. */
const NEAR = 5

/** Topics, and prefixes of topics. */
export interface TopicNames {
  readonly topics: readonly string[]
  readonly prefixes: readonly string[]
}

export interface SilenceOptions {
  /** The selected topics. */
  readonly selection: TopicNames
  /** The account of the topics that flow. */
  readonly ledger: Ledger
  readonly bus: BusOptions
  /** Ends the search. */
  readonly signal: AbortSignal
  /** Told the part of the selection that is silent, and other topics that flow, the nearest names first. It is told once. */
  readonly onSilence: (silent: TopicNames, flowing: readonly string[]) => void
}

/**
 * Finds topics that stay silent while others flow, as when a name is mistyped. It costs nothing where messages come.
 */
export class Silence {
  readonly #options: SilenceOptions
  #timer: NodeJS.Timeout | undefined
  #begun = false

  constructor(options: SilenceOptions) {
    this.#options = options
  }

  /** Begins to wait, once. A connection that comes back changes nothing. */
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
    const { selection, ledger, bus, signal, onSilence } = this.#options
    const silent = silentOf(selection, ledger)
    if (silent === undefined) return
    const flowing = await topicsNow({ ...bus, durationMs: LISTEN_MS, signal }).catch(() => [])
    if (signal.aborted) return
    const others = flowing.filter(name => !isSelected(name, silent))
    // Leave out topics that had messages meanwhile.
    const still = silentOf(silent, ledger)
    if (others.length > 0 && still !== undefined) onSilence(still, nearestFirst(others, still))
    else if (looks > 1) this.#watch(afterMs * 3, looks - 1)
  }
}

/** The part of a selection without a message so far. Undefined if each part has had one. */
function silentOf({ topics, prefixes }: TopicNames, ledger: Ledger): TopicNames | undefined {
  const seen = Object.keys(ledger.toJSON().topics)
  const silent = {
    topics: topics.filter(name => !seen.includes(name)),
    prefixes: prefixes.filter(start => !seen.some(name => name.startsWith(start))),
  }
  return silent.topics.length + silent.prefixes.length === 0 ? undefined : silent
}

function isSelected(name: string, { topics, prefixes }: TopicNames): boolean {
  return topics.includes(name) || prefixes.some(start => name.startsWith(start))
}

function nearestFirst(names: readonly string[], { topics, prefixes }: TopicNames): string[] {
  const near = [...topics, ...prefixes].flatMap(word => nearest(word, names, NEAR))
  return [...new Set([...near, ...names])]
}
