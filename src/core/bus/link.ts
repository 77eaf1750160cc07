/** How long the proxy may be silent before it counts as not there yet, in ms. */
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
  readonly reason?: string
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

  /** Nobody is there, or nobody answers. Of a connection that there was, or that was refused, more is known than that. */
  wait(): void {
    if (this.#state === 'new') this.become('waiting')
  }

  become(type: LinkEvent['type'], reason?: string): void {
    if (this.#state === type) return
    this.#state = type
    this.#tell({ type, url: this.#url, ...(reason === undefined ? {} : { reason }) })
  }

  close(): void {
    clearTimeout(this.#silence)
  }
}
