import type { TappedMessage } from './message.ts'
import { contains, type Pattern } from './pattern.ts'

/** One reason to leave messages out. */
export interface Filter {
  /** As the user knows it: the option and its value. */
  readonly name: string
  readonly takes: (message: TappedMessage) => boolean
}

/** Several filters, all of which have to take a message; it counts what each has left out. */
export class FilterChain {
  readonly #filters: readonly Filter[]
  readonly #leftOut: number[]

  constructor(filters: readonly Filter[]) {
    this.#filters = filters
    this.#leftOut = filters.map(() => 0)
  }

  takes(message: TappedMessage): boolean {
    const at = this.#filters.findIndex(filter => !filter.takes(message))
    if (at < 0) return true
    this.#leftOut[at] = (this.#leftOut[at] ?? 0) + 1
    return false
  }

  /** What each filter has left out: a message counts for the first that did not take it. */
  get leftOut(): { readonly name: string; readonly messages: number }[] {
    return this.#filters.map(({ name }, at) => ({ name, messages: this.#leftOut[at] ?? 0 }))
  }
}

/** Messages of at least so many bytes. */
export function minSize(bytes: number): Filter {
  return { name: `--min-size ${bytes}`, takes: ({ size }) => size >= bytes }
}

/** Messages of at most so many bytes. */
export function maxSize(bytes: number): Filter {
  return { name: `--max-size ${bytes}`, takes: ({ size }) => size <= bytes }
}

/** Space packets of these application processes. */
export function ofApid(apids: readonly number[]): Filter {
  const wanted = new Set(apids)
  return {
    name: `--apid ${apids.join(', ')}`,
    takes: ({ apid }) => apid !== undefined && wanted.has(apid),
  }
}

/** Messages with these bytes in their payload. */
export function grep(pattern: Pattern): Filter {
  return { name: `--grep ${pattern.text}`, takes: message => contains(message, pattern) }
}

/** The first of every so many messages. */
export function every(count: number): Filter {
  let passed = -1
  return {
    name: `--every ${count}`,
    takes() {
      passed = (passed + 1) % count
      return passed === 0
    },
  }
}

/**
 * At most so many messages a second, evenly spread: the first one in each of the intervals that follow the first message.
 */
export function maxRate(perSecond: number): Filter {
  const interval = 1000 / perSecond
  let due: number | undefined
  return {
    name: `--max-rate ${perSecond}`,
    takes({ at }) {
      if (due !== undefined && at < due) return false
      due = (due === undefined || at - due > interval ? at : due) + interval
      return true
    },
  }
}
