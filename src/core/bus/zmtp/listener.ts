import type { Socket } from 'node:net'
import { Condition } from '../../condition.ts'
import { formatEndpoint } from '../../endpoint.ts'
import { GroundwireError } from '../../errors.ts'
import type { AdmittedKey } from '../../security/keys.ts'
import type { PeerEvent } from '../carrier.ts'
import { endpointOf } from './address.ts'
import { BoundServer } from './bound-server.ts'
import { Connection } from './connection.ts'
import type { ConnectionHandlers, ConnectionOptions } from './connection-options.ts'
import { Handshakes, type Newcomer } from './handshakes.ts'
import type { Resources } from './resources.ts'

/** Delay until an address that can't be listened at again is tried once more, in ms. */
const RETRY_MS = 1_000

export interface ListenerOptions extends Omit<ConnectionOptions, 'reassembly' | 'queues' | 'turns'> {
  readonly resources: Resources
  readonly handlers: Omit<ConnectionHandlers<Connection>, 'onOpen' | 'onEnd'> & {
    /** The handshake is done. `peer` is the address of the other side, or a number where it has none. */
    readonly onOpen: (connection: Connection, peer: string) => void
    /** A connection that was open is over. @returns how many messages waited for it, and are dropped */
    readonly onLeft: (connection: Connection) => number
  }
  readonly onPeer: (event: PeerEvent) => void
  /** Time that connections wait for their greeting, from when an address is bound, in ms. Default 0. */
  readonly admitAfterMs?: number
}

/** Takes in the connections that come to one or more addresses. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #servers: BoundServer[] = []
  readonly #connections = new Set<Connection>()
  /** Connections that wait until their handshake may begin. */
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
      const caller = identify(socket, server.endpoint)
      const waitMs = admitAt - performance.now()
      if (waitMs > 0) this.#acceptLater(socket, caller, waitMs)
      else this.#accept(socket, caller)
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
    this.#options.security?.close()
    await this.#condition.until(() => this.#connections.size === 0)
  }

  /** Ends the connections whose key a judge no longer admits. */
  dismiss(isDismissed: (key: AdmittedKey) => boolean): void {
    for (const connection of this.#connections) {
      const key = connection.peerKey
      if (key !== undefined && isDismissed(key))
        connection.fail(`its key ${key.name} is not allowed any more`)
    }
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

  /**
   * A connection that waits counts as a handshake under way until something comes by it: ZMTP's greeting is sent unasked. So silent
   * connections can't push out publishers that only wait to be admitted.
   */
  #acceptLater(socket: Socket, caller: Caller, waitMs: number): void {
    if (this.#waiting.size >= this.#options.resources.limits.connections.value) {
      this.#options.resources.limits.connections.exceed()
      socket.destroy()
      return
    }
    const greeted = () => this.#handshakes.delete(newcomer)
    const leave = () => {
      clearTimeout(timer)
      this.#waiting.delete(socket)
      this.#handshakes.delete(newcomer)
    }
    const newcomer: Newcomer = {
      fail: reason => {
        socket.destroy()
        this.#tell(caller, { type: 'refused', reason })
      },
    }
    const timer = setTimeout(() => {
      socket.off('error', leave).off('close', leave).off('readable', greeted)
      leave()
      this.#accept(socket, caller)
    }, waitMs)
    socket.on('error', leave).on('close', leave).once('readable', greeted)
    this.#waiting.add(socket)
    this.#handshakes.add(newcomer, caller.host)
  }

  #tell({ endpoint, peer }: Caller, event: Omit<PeerEvent, 'endpoint' | 'peer'>): void {
    if (!this.#closed) this.#options.onPeer({ ...event, endpoint, peer })
  }

  #accept(socket: Socket, caller: Caller): void {
    const { onPeer: _onPeer, handlers, resources, ...options } = this.#options
    if (this.#closed || this.#isFull) {
      if (!this.#closed) resources.limits.connections.exceed()
      socket.destroy()
      return
    }
    const { reassembly, turns, limits } = resources
    const limited = { ...options, peer: caller.peer, reassembly, turns, queues: limits.queues }
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
        const key = opened.peerKey?.name
        this.#tell(caller, { type: 'joined', ...(key === undefined ? {} : { key }) })
        handlers.onOpen(opened, caller.peer)
      },
      onEnd: ({ fault, hangUp }, ended) => {
        this.#connections.delete(ended)
        this.#handshakes.delete(ended)
        this.#condition.notify()
        if (isOpen) this.#open -= 1
        const dropped = isOpen ? handlers.onLeft(ended) : 0
        if (isOpen && fault === undefined) {
          this.#tell(caller, { type: 'left', dropped })
          return
        }
        const reason = fault ?? hangUp ?? `it left before it was ${options.expected}`
        this.#tell(caller, { type: 'refused', reason, dropped })
      },
    })
    this.#connections.add(connection)
    this.#handshakes.add(connection, caller.host)
  }
}

/** Where a connection came from, and to. */
interface Caller {
  readonly endpoint: string
  /** The address that it came from, or a number where it has none. */
  readonly peer: string
  readonly host: string
}

let unnamed = 0

function identify({ remoteAddress, remotePort }: Socket, endpoint: string): Caller {
  const address = endpointOf(remoteAddress, remotePort)
  if (address === undefined) return { endpoint, peer: `local ${++unnamed}`, host: '' }
  return { endpoint, peer: formatEndpoint(address), host: address.host }
}
