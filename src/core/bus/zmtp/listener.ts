import type { Socket } from 'node:net'
import { Condition } from '../../condition.ts'
import { formatEndpoint } from '../../endpoint.ts'
import { GroundwireError } from '../../errors.ts'
import type { PeerEvent } from '../peer-event.ts'
import { endpointOf } from './address.ts'
import { BoundServer } from './bound-server.ts'
import { Connection, type ConnectionHandlers, type ConnectionOptions } from './connection.ts'
import { Handshakes } from './handshakes.ts'
import type { Resources } from './resources.ts'

/** How soon an address that can't be listened at again is tried once more, in ms. */
const RETRY_MS = 1_000

export interface ListenerOptions extends Omit<ConnectionOptions, 'reassembly' | 'queues'> {
  readonly resources: Resources
  readonly handlers: Omit<ConnectionHandlers, 'onOpen' | 'onEnd'> & {
    /** The handshake is done. `peer` is the address of the other side, or a number where it has none. */
    readonly onOpen: (connection: Connection, peer: string) => void
    /** A connection that was open is over. @returns how many messages waited for it, and are dropped */
    readonly onLeft: (connection: Connection) => number
  }
  readonly onPeer: (event: PeerEvent) => void
  /** How long connections wait for their greeting, from when an address is bound, in ms. Default 0. */
  readonly admitAfterMs?: number
}

/** Takes in the connections that come to one or more addresses. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #servers: BoundServer[] = []
  readonly #connections = new Set<Connection>()
  /** Connections that wait to be admitted. */
  readonly #waiting = new Set<Socket>()
  readonly #handshakes: Handshakes
  readonly #condition = new Condition()
  #retryTimer: NodeJS.Timeout | undefined
  /** Connections whose handshake is done. */
  #open = 0
  #suspended = false
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#handshakes = new Handshakes(options.resources.limits.handshakes)
    options.resources.descriptors.add({ suspend: () => this.#suspend(), resume: () => this.#resume() })
  }

  /**
   * Binds an address, by a URL that was checked and whose name is resolved.
   * @returns the URL that was really bound
   */
  async bind(url: string): Promise<string> {
    const { shortage } = this.#options.resources.descriptors
    if (shortage !== undefined) throw Object.assign(new Error('too few file descriptors'), { code: 'EMFILE' })
    const admitAt = performance.now() + (this.#options.admitAfterMs ?? 0)
    const server = await BoundServer.bind(url, socket => {
      this.#options.resources.descriptors.accepted()
      const waitMs = admitAt - performance.now()
      if (waitMs > 0) this.#admitLater(socket, server.endpoint, waitMs)
      else this.#accept(socket, server.endpoint)
    })
    if (this.#closed) {
      server.suspend()
      throw new GroundwireError('CLOSED', `closed before ${server.endpoint} was bound`)
    }
    this.#servers.push(server)
    return server.endpoint
  }

  /** @param linger how long what was written may go on going out, in ms */
  async close(linger: number): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    for (const server of this.#servers) server.suspend()
    for (const socket of this.#waiting) socket.destroy()
    for (const connection of this.#connections) connection.close(linger)
    await this.#condition.until(() => this.#connections.size === 0)
  }

  #suspend(): void {
    this.#suspended = true
    for (const server of this.#servers) server.suspend()
  }

  async #resume(): Promise<void> {
    this.#suspended = false
    await this.#listenAgain()
  }

  /** Another program may have taken an address meanwhile: it is tried until it is free. */
  async #listenAgain(): Promise<void> {
    let failed = false
    for (const server of this.#servers) {
      if (this.#closed || this.#suspended) return
      await server.resume().catch(() => {
        failed = true
      })
      if (this.#closed || this.#suspended) server.suspend()
    }
    if (failed) this.#retryTimer = setTimeout(() => void this.#listenAgain(), RETRY_MS)
  }

  get #isFull(): boolean {
    return this.#open >= this.#options.resources.limits.connections.value
  }

  #admitLater(socket: Socket, endpoint: string, waitMs: number): void {
    const { handshakes } = this.#options.resources.limits
    if (this.#closed || this.#waiting.size >= handshakes.value) {
      handshakes.exceed()
      socket.destroy()
      return
    }
    this.#waiting.add(socket)
    const timer = setTimeout(() => {
      socket.off('error', leave).off('close', leave)
      this.#waiting.delete(socket)
      this.#accept(socket, endpoint)
    }, waitMs)
    const leave = () => {
      clearTimeout(timer)
      this.#waiting.delete(socket)
    }
    socket.on('error', leave).on('close', leave)
  }

  #accept(socket: Socket, endpoint: string): void {
    const { onPeer, handlers, resources, ...options } = this.#options
    if (this.#closed || this.#isFull) {
      if (!this.#closed) resources.limits.connections.exceed()
      socket.destroy()
      return
    }
    const address = endpointOf(socket.remoteAddress, socket.remotePort)
    const peer = address === undefined ? `local ${++unnamed}` : formatEndpoint(address)
    const tell = (event: Omit<PeerEvent, 'endpoint' | 'peer'>) => {
      if (!this.#closed) onPeer({ ...event, endpoint, peer })
    }
    const limited = { ...options, reassembly: resources.reassembly, queues: resources.limits.queues }
    let isOpen = false
    const connection = new Connection(socket, limited, {
      ...handlers,
      onOpen: opened => {
        if (this.#isFull) {
          resources.limits.connections.exceed()
          opened.fail('there are as many connections as are allowed')
          return
        }
        this.#handshakes.delete(opened)
        isOpen = true
        this.#open += 1
        tell({ type: 'joined' })
        handlers.onOpen(opened, peer)
      },
      onEnd: ({ fault }, ended) => {
        this.#connections.delete(ended)
        this.#handshakes.delete(ended)
        this.#condition.notify()
        if (isOpen) this.#open -= 1
        const dropped = isOpen ? handlers.onLeft(ended) : 0
        if (isOpen && fault === undefined) tell({ type: 'left', dropped })
        else tell({ type: 'refused', reason: fault ?? `it left before it was ${options.expected}`, dropped })
      },
    })
    this.#connections.add(connection)
    this.#handshakes.add(connection, address?.host ?? '')
  }
}

let unnamed = 0
