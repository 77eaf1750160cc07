import { lstatSync, unlinkSync } from 'node:fs'
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import { formatEndpoint, hostOfBusUrl } from '../../endpoint.ts'
import { GroundwireError } from '../../errors.ts'
import type { PeerEvent } from '../peer-event.ts'
import { ipcPath, portOf } from './address.ts'
import { Connection, type ConnectionHandlers, type ConnectionOptions } from './connection.ts'

export interface ListenerOptions extends ConnectionOptions {
  readonly handlers: Omit<ConnectionHandlers, 'onOpen' | 'onEnd'> & {
    /** The handshake is done. `peer` is the address of the other side, or a number where it has none. */
    readonly onOpen: (connection: Connection, peer: string) => void
    /** A connection that was open is over. */
    readonly onLeft: (connection: Connection) => void
  }
  readonly onPeer: (event: PeerEvent) => void
  /** How long connections wait for their greeting, from when an address is bound, in ms. Default 0. */
  readonly admitAfterMs?: number
}

/** Takes in the connections that come to one or more addresses. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #servers: Server[] = []
  readonly #connections = new Set<Connection>()
  /** Connections that wait to be admitted. */
  readonly #waiting = new Set<Socket>()
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /**
   * Binds an address, by a URL that was checked and whose name is resolved.
   * @returns the URL that was really bound
   */
  async bind(url: string): Promise<string> {
    const path = ipcPath(url)
    const server = createServer({ noDelay: true })
    if (path === undefined) {
      const host = hostOfBusUrl(url) ?? '0.0.0.0'
      await listen(server, { host, port: portOf(url), exclusive: true })
      const { port } = server.address() as AddressInfo
      return this.#serve(server, `tcp://${formatEndpoint({ host, port })}`)
    }
    await listenAtPath(server, path)
    return this.#serve(server, url)
  }

  /** @param linger how long what was written may go on going out, in ms */
  async close(linger: number): Promise<void> {
    this.#closed = true
    const closing = this.#servers.map(server => new Promise(resolve => server.close(resolve)))
    for (const socket of this.#waiting) socket.destroy()
    for (const connection of this.#connections) connection.close(linger)
    await Promise.all(closing)
  }

  #serve(server: Server, endpoint: string): string {
    if (this.#closed) {
      server.close()
      throw new GroundwireError('CLOSED', `closed before ${endpoint} was bound`)
    }
    this.#servers.push(server)
    const { admitAfterMs = 0 } = this.#options
    const admitAt = performance.now() + admitAfterMs
    server.on('connection', socket => {
      const waitMs = admitAt - performance.now()
      if (waitMs > 0) this.#admitLater(socket, endpoint, waitMs)
      else this.#accept(socket, endpoint)
    })
    // Where a connection can't be taken in (no file descriptor is free), the others go on.
    server.on('error', () => {})
    return endpoint
  }

  #admitLater(socket: Socket, endpoint: string, waitMs: number): void {
    const leave = () => this.#waiting.delete(socket)
    this.#waiting.add(socket)
    socket.on('error', leave).on('close', leave)
    const timer = setTimeout(() => {
      socket.off('error', leave).off('close', leave)
      if (leave()) this.#accept(socket, endpoint)
    }, waitMs)
    socket.once('close', () => clearTimeout(timer))
  }

  #accept(socket: Socket, endpoint: string): void {
    const { onPeer, handlers, ...options } = this.#options
    const peer = addressOf(socket)
    const tell = (event: Omit<PeerEvent, 'endpoint' | 'peer'>) => {
      if (!this.#closed) onPeer({ ...event, endpoint, peer })
    }
    const connection = new Connection(socket, options, {
      ...handlers,
      onOpen: opened => {
        tell({ type: 'joined' })
        handlers.onOpen(opened, peer)
      },
      onEnd: ({ after, fault }, ended) => {
        this.#connections.delete(ended)
        if (after === 'handshake') handlers.onLeft(ended)
        if (after === 'handshake' && fault === undefined) tell({ type: 'left' })
        else tell({ type: 'refused', reason: fault ?? `it left before it was ${options.expected}` })
      },
    })
    this.#connections.add(connection)
  }
}

let unnamed = 0

/** Who connects to a Unix socket has no address; it is told apart by a number. */
function addressOf({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined || remotePort === undefined) return `local ${++unnamed}`
  return formatEndpoint({ host: remoteAddress, port: remotePort })
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A socket's file stays behind where a proxy was killed: what nobody listens at is taken over, as libzmq does. */
async function listenAtPath(server: Server, path: string): Promise<void> {
  try {
    await listen(server, { path })
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (!inUse || !lstatSync(path).isSocket() || (await isServed(path))) throw error
    unlinkSync(path)
    await listen(server, { path })
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Whatever else is wrong, somebody may be there.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}
