import { lstatSync, unlinkSync } from 'node:fs'
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { formatEndpoint, hostOfBusUrl } from '../../endpoint.ts'
import { isServed } from '../unix-socket.ts'
import { ipcPath, portOf } from './address.ts'

/** How a server came to listen: where again, and the URL that was really bound. */
interface Place {
  readonly where: ListenOptions
  readonly endpoint: string
}

/** Listens at one address of the bus, and can be made to stop and to begin again while its connections go on. */
export class BoundServer {
  readonly endpoint: string
  readonly #where: ListenOptions
  readonly #onConnection: (socket: Socket) => void
  #server: Server | undefined

  /** Binds an address, by a URL that was checked and whose name is resolved. */
  static async bind(url: string, onConnection: (socket: Socket) => void): Promise<BoundServer> {
    const server = makeServer()
    const path = ipcPath(url)
    const place = path === undefined ? await listenAtHost(server, url) : await listenAtPath(server, url, path)
    return new BoundServer(server, place, onConnection)
  }

  private constructor(server: Server, { where, endpoint }: Place, onConnection: (socket: Socket) => void) {
    this.endpoint = endpoint
    this.#where = where
    this.#onConnection = onConnection
    this.#use(server)
  }

  /** Takes in no further connections. */
  suspend(): void {
    this.#server?.close()
    this.#server = undefined
  }

  /** Takes in connections again. @throws where another program has taken the address, or no file descriptor is free */
  async resume(): Promise<void> {
    if (this.#server !== undefined) return
    const server = makeServer()
    await listen(server, this.#where)
    this.#use(server)
  }

  /** Resolves when it no longer listens and its connections are over. */
  close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    return new Promise(resolve => {
      if (server === undefined) resolve()
      else server.close(() => resolve())
    })
  }

  #use(server: Server): void {
    this.#server = server
    server.on('connection', this.#onConnection)
    // Where a connection can't be taken in, the others go on.
    server.on('error', () => {})
  }
}

function makeServer(): Server {
  return createServer({ noDelay: true })
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

async function listenAtHost(server: Server, url: string): Promise<Place> {
  const asked = hostOfBusUrl(url)
  const at = async (host: string): Promise<Place> => {
    await listen(server, { host, port: portOf(url), exclusive: true })
    const { port } = server.address() as AddressInfo
    return { where: { host, port, exclusive: true }, endpoint: `tcp://${formatEndpoint({ host, port })}` }
  }
  if (asked !== undefined) return at(asked)
  try {
    // Every interface: a socket of IPv6 takes in connections over IPv4 too.
    return await at('::')
  } catch (error) {
    if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return at('0.0.0.0')
  }
}

/** How a host without IPv6 answers. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL', 'EPROTONOSUPPORT'])

/** A socket's file stays behind where a proxy was killed: what nobody listens at is taken over, as libzmq does. */
async function listenAtPath(server: Server, url: string, path: string): Promise<Place> {
  try {
    await listen(server, { path })
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (!inUse || !lstatSync(path).isSocket() || (await isServed(path))) throw error
    unlinkSync(path)
    await listen(server, { path })
  }
  return { where: { path }, endpoint: url }
}
