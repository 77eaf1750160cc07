/** Time that the proxy may be silent before it counts as not there yet, in ms. */
const SILENCE_MS = 1_000

/**
 * What happens to the connection between a role and its proxy.
 *
 * - `waiting`: nobody is there, or nobody who answers; attempts go on
 * - `connected`: the ZMTP handshake is done
 * - `lost`: the connection broke; attempts to get it back go on
 * - `refused`: the other side is there but will not have us, or is no proxy; `reason` says why
 */
export interface LinkEvent {
  readonly type: 'waiting' | 'connected' | 'lost' | 'refused'
  /** The URL of the side that was connected to. */
  readonly url: string
  /** Why it was refused or lost, or why nobody is there: a name that can't be resolved. */
  readonly reason?: string
  /**
   * Of a connection that was made: nothing at all answered before, so the network was cut off, or the host down. Other roles
   * may take some seconds longer to come back.
   */
  readonly afterSilence?: boolean
}

/** Keeps the state of one connection, and tells each change once. */
export class LinkState {
  readonly #url: string
  readonly #tell: (event: LinkEvent) => void
  readonly #silence: NodeJS.Timeout
  #state: 'new' | LinkEvent['type'] = 'new'

  constructor(url: string, tell: (event: LinkEvent) => void) {
    this.#url = url
    this.#tell = tell
    this.#silence = setTimeout(() => this.wait(), SILENCE_MS).unref()
  }

  get state(): 'new' | LinkEvent['type'] {
    return this.#state
  }

  /** No answer yet. Only a link that was never up reports `waiting`. */
  wait(reason?: string): void {
    if (this.#state === 'new') this.become('waiting', { reason })
  }

  become(
    type: LinkEvent['type'],
    { reason, afterSilence }: { reason?: string | undefined; afterSilence?: boolean } = {},
  ): void {
    if (this.#state === type) return
    this.#state = type
    this.#tell({
      type,
      url: this.#url,
      ...(reason === undefined ? {} : { reason }),
      ...(afterSilence ? { afterSilence } : {}),
    })
  }

  close(): void {
    clearTimeout(this.#silence)
  }
}
