import { countDescriptors, type Descriptors } from '../../linux/descriptors.ts'
import type { DescriptorEvent } from '../carrier.ts'

/** File descriptors that are kept free for all else: the ledger's file, a name that is looked up, a module that is loaded. */
export const RESERVE = 32
/** Connections are taken in again with so many more than the reserve free. */
const SPARE = 8
/** Interval of looking for free descriptors while short of them, in ms. */
const INTERVAL_MS = 500

/** Something that the guard can suspend and resume. */
export interface Suspendable {
  suspend(): void
  /** Resolves when connections are taken in again. */
  resume(): Promise<void>
}

/**
 * Keeps file descriptors free: if none is left, connections are closed without a word, also those of peers that have done
 * nothing wrong. Below the reserve nothing is taken in until there are more.
 */
export class DescriptorGuard {
  readonly #tell: (event: DescriptorEvent) => void
  readonly #count: () => Descriptors | undefined
  readonly #guarded = new Set<Suspendable>()
  /** Connections until it is looked again: looking costs more than a connection where there are many. */
  #untilLook = 0
  #timer: NodeJS.Timeout | undefined

  /** @param count for tests; default: what the system says of this process */
  constructor(
    tell: (event: DescriptorEvent) => void,
    count: () => Descriptors | undefined = countDescriptors,
  ) {
    this.#tell = tell
    this.#count = count
  }

  /** The count of descriptors, if there are too few to begin with. */
  get shortage(): Descriptors | undefined {
    const now = this.#count()
    return now !== undefined && left(now) <= 0 ? now : undefined
  }

  add(guarded: Suspendable): void {
    this.#guarded.add(guarded)
  }

  /** A connection has been taken in. */
  accepted(): void {
    if (--this.#untilLook > 0) return
    const now = this.#count()
    if (now === undefined) {
      this.#untilLook = Number.POSITIVE_INFINITY
      return
    }
    // Others take some too.
    this.#untilLook = Math.floor(left(now) / 4)
    if (left(now) > 0 || this.#timer !== undefined) return
    for (const guarded of this.#guarded) guarded.suspend()
    this.#tell({ type: 'short', limit: now.limit, reserve: RESERVE })
    // It keeps the process: while nobody listens, nothing else may.
    this.#timer = setInterval(() => void this.#lookAgain(), INTERVAL_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#guarded.clear()
  }

  async #lookAgain(): Promise<void> {
    const now = this.#count()
    if (now !== undefined && left(now) < SPARE) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#untilLook = 0
    await Promise.all([...this.#guarded].map(guarded => guarded.resume()))
    // There may be too few again meanwhile.
    if (this.#timer === undefined) this.#tell({ type: 'enough', limit: now?.limit ?? 0, reserve: RESERVE })
  }
}

function left({ limit, open }: Descriptors): number {
  return limit - open - RESERVE
}
