import type { Socket } from 'zeromq'

/** How long the proxy may be silent before it counts as not there yet, in ms. */
const SILENCE_MS = 1_000

/** ZeroMQ does not tell which: both end in a connection that is cut off before its handshake. */
const STRANGER = "it does not speak ZeroMQ (ZMTP 3), or it is the proxy's other side"

/**
 * What happens to the connection between a role and its proxy.
 *
 * - `waiting`: nobody is there, or nobody who answers; attempts go on
 * - `connected`: the ZMTP handshake is done
 * - `lost`: the connection broke; attempts to get it back go on
 * - `refused`: the other side is there but will not have us; `reason` says why
 */
export interface LinkEvent {
  readonly type: 'waiting' | 'connected' | 'lost' | 'refused'
  /** The URL of the side that was connected to. */
  readonly url: string
  readonly reason?: string
}

/** Follows one connected socket through its monitor events, and tells each change once. */
export class Link {
  readonly url: string
  #state: 'new' | LinkEvent['type'] = 'new'
  /** The last attempt ended before its handshake, by the other side's doing; its disconnect event is still to come. */
  #cutOff = false
  readonly #tell: (event: LinkEvent) => void

  constructor(socket: Socket, url: string, tell: (event: LinkEvent) => void) {
    this.url = url
    this.#tell = tell
    const { events } = socket
    events.on('handshake', () => this.#become('connected'))
    events.on('disconnect', () => {
      if (this.#state === 'connected') this.#become('lost')
      else if (!this.#cutOff) this.#become('refused', STRANGER)
      this.#cutOff = false
    })
    events.on('connect:retry', () => this.#wait())
    events.on('handshake:error:protocol', () => this.#become('refused', STRANGER))
    events.on('handshake:error:auth', () => this.#become('refused', 'it does not admit us'))
    events.on('handshake:error:other', () => {
      // Somebody closes each connection: a tunnel, or a balancer, whose proxy is not there.
      this.#cutOff = true
      this.#wait()
    })
    setTimeout(() => this.#wait(), SILENCE_MS).unref()
  }

  get connected(): boolean {
    return this.#state === 'connected'
  }

  #wait(): void {
    if (this.#state === 'new') this.#become('waiting')
  }

  #become(type: LinkEvent['type'], reason?: string): void {
    if (this.#state === type) return
    this.#state = type
    this.#tell({ type, url: this.url, ...(reason === undefined ? {} : { reason }) })
  }
}
