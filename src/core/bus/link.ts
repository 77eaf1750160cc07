import type { Socket } from 'zeromq'

/**
 * What happens to the connection between a role and its proxy.
 *
 * - `waiting`: the first attempt found nobody there; attempts go on
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
  readonly #tell: (event: LinkEvent) => void

  constructor(socket: Socket, url: string, tell: (event: LinkEvent) => void) {
    this.url = url
    this.#tell = tell
    socket.events.on('handshake', () => this.#become('connected'))
    socket.events.on('disconnect', () => {
      if (this.#state === 'connected') this.#become('lost')
    })
    socket.events.on('connect:retry', () => {
      if (this.#state === 'new') this.#become('waiting')
    })
    socket.events.on('handshake:error:protocol', () =>
      this.#become('refused', 'it does not speak ZeroMQ (ZMTP 3)'),
    )
    socket.events.on('handshake:error:auth', () => this.#become('refused', 'it does not admit us'))
  }

  get connected(): boolean {
    return this.#state === 'connected'
  }

  #become(type: LinkEvent['type'], reason?: string): void {
    if (this.#state === type) return
    this.#state = type
    this.#tell({ type, url: this.url, ...(reason === undefined ? {} : { reason }) })
  }
}
