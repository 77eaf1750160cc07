import type { TappedMessage } from './message.ts'
import { contains, type Pattern } from './pattern.ts'

/** Whether a message is taken. */
export type Filter = (message: TappedMessage) => boolean

/** A filter, and its name in the account of what was left out. */
export interface NamedFilter {
  readonly name: string
  readonly takes: Filter
}

/** Several filters, all of which have to take a message. It counts what each has left out. */
export class FilterChain {
  readonly #filters: readonly NamedFilter[]
  readonly #leftOut: number[]

  constructor(filters: readonly NamedFilter[]) {
    this.#filters = filters
    this.#leftOut = filters.map(() => 0)
  }

  takes(message: TappedMessage): boolean {
    for (let at = 0; at < this.#filters.length; at++) {
      if (this.#filters[at]?.takes(message)) continue
      this.#leftOut[at] = (this.#leftOut[at] ?? 0) + 1
      return false
    }
    return true
  }

  /** The number of messages that each filter has left out. A message counts for the first that did not take it. */
  get leftOut(): { readonly name: string; readonly messages: number }[] {
    return this.#filters.map(({ name }, at) => ({ name, messages: this.#leftOut[at] ?? 0 }))
  }
}

/** Messages of at least so many bytes. */
export function minSize(bytes: number): Filter {
  return ({ size }) => size >= bytes
}

/** Messages of at most so many bytes. */
export function maxSize(bytes: number): Filter {
  return ({ size }) => size <= bytes
}

/** Space packets of these application processes. */
export function ofApid(apids: readonly number[]): Filter {
  const wanted = new Set(apids)
  return ({ apid }) => apid !== undefined && wanted.has(apid)
}

/** Messages with these bytes in their payload. */
export function grep(pattern: Pattern): Filter {
  return message => contains(message, pattern)
}

/** The first of every so many messages. */
export function every(count: number): Filter {
  let passed = -1
  return () => {
    passed = (passed + 1) % count
    return passed === 0
  }
}

/** At most so many messages a second, evenly spread: the first in each of the intervals that follow the first message. */
export function maxRate(perSecond: number): Filter {
  const interval = 1000 / perSecond
  let due: number | undefined
  return ({ at }) => {
    if (due !== undefined && at < due) return false
    due = (due === undefined || at - due > interval ? at : due) + interval
    return true
  }
}
