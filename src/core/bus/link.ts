/** Time without an answer after which the link reports `waiting`, in ms. */
const SILENCE_MS = 1_000

/** Time to wait before the next attempt where our key is not admitted, in ms: twice as long each time. It may be admitted later. */
export const DENIED_MS = { first: 5_000, most: 60_000 } as const
/** Hang-ups in a row in the same step of a handshake with keys that are not by chance. */
export const SURE_HANG_UPS = 3

/**
 * A change in the connection between a role and its proxy.
 *
 * - `waiting`: the proxy is not there, or does not answer; attempts go on
 * - `connected`: the ZMTP handshake is done
 * - `lost`: the connection broke; attempts to reconnect go on
 * - `refused`: the other side is there, but does not admit us or is not a proxy; `reason` says which
 */
export interface LinkEvent {
  readonly type: 'waiting' | 'connected' | 'lost' | 'refused'
  /** The proxy's URL. */
  readonly url: string
  /** Why the link was refused or lost, or why it waits: a host name that can't be resolved. */
  readonly reason?: string
  /**
   * With `refused`: our key is not admitted, or the keys of the two sides do not fit, or only one side has some. Attempts go on,
   * every 5 to 60 s.
   */
  readonly isDenied?: boolean
  /**
   * With `connected`: nothing at all answered before, so the network was cut off, or the host down. Other roles may take some
   * seconds longer to come back.
   */
  readonly afterSilence?: boolean
}

/** Keeps the state of one connection, and reports each change once. */
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
    {
      reason,
      isDenied,
      afterSilence,
    }: { reason?: string | undefined; isDenied?: boolean; afterSilence?: boolean } = {},
  ): void {
    if (this.#state === type) return
    this.#state = type
    this.#tell({
      type,
      url: this.#url,
      ...(reason === undefined ? {} : { reason }),
      ...(isDenied ? { isDenied } : {}),
      ...(afterSilence ? { afterSilence } : {}),
    })
  }

  close(): void {
    clearTimeout(this.#silence)
  }
}
