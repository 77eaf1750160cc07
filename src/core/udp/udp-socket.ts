import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { platform } from 'node:os'
import { type Endpoint, formatEndpoint, isMulticast } from '../endpoint.ts'
import { GroundwireError } from '../errors.ts'

/**
 * Opens a listening UDP socket. Joins a multicast group, on the interface that the system picks for it.
 * @param receiveBuffer bytes to request from the kernel, which may silently give less: see {@link receiveBufferOf}
 * @throws {GroundwireError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION, NAME_NOT_FOUND, IO
 */
export async function listenOn({ host, port }: Endpoint, receiveBuffer?: number): Promise<Socket> {
  const { address, family } = await resolveHost(host)
  const multicast = isMulticast(address)
  // Several listeners may share a multicast group. Sharing any other address would let one steal another's datagrams.
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', reuseAddr: multicast })
  try {
    await new Promise<void>((ready, reject) => {
      socket.once('error', reject)
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', reject)
        ready()
      })
    })
    if (receiveBuffer !== undefined) socket.setRecvBufferSize(receiveBuffer)
    if (multicast) socket.addMembership(address)
    return socket
  } catch (cause) {
    socket.close()
    throw listenError(formatEndpoint({ host, port }), cause)
  }
}

/**
 * Opens a UDP socket that sends to one place. It is connected, so that the system reports refusals (ICMP port
 * unreachable).
 * @returns undefined if there is currently no route to it, or no address of this host to send from
 * @throws {GroundwireError} IO if the system has no such socket
 */
export async function connectTo({ host, port }: Endpoint, family: number): Promise<Socket | undefined> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((ready, reject) => {
      socket.once('error', reject)
      socket.bind(0, () => {
        socket.setBroadcast(true)
        // The types omit that an error may be passed.
        socket.connect(port, host, ((error?: Error) => {
          socket.off('error', reject)
          if (error === undefined) ready()
          else reject(error)
        }) as () => void)
      })
    })
    return socket
  } catch (cause) {
    socket.close()
    if (hasNoRoute(cause)) return undefined
    const where = formatEndpoint({ host, port })
    throw new GroundwireError('IO', `can't send to UDP ${where}: ${(cause as Error).message}`, { cause })
  }
}

const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL'])

/** Whether the system refused to send because it has no route to the destination. */
export function hasNoRoute(error: unknown): boolean {
  return NO_ROUTE.has((error as NodeJS.ErrnoException).code ?? '')
}

/** The actual receive buffer of a socket, in bytes as requested. Linux reports twice that, so it is halved (socket(7)). */
export function receiveBufferOf(socket: Socket): number {
  const size = socket.getRecvBufferSize()
  return platform() === 'linux' ? Math.floor(size / 2) : size
}

/** Returns the first address of a host. @throws {GroundwireError} NAME_NOT_FOUND */
export async function resolveHost(host: string): Promise<{ address: string; family: number }> {
  try {
    return await lookup(host)
  } catch (cause) {
    throw new GroundwireError('NAME_NOT_FOUND', `the host name '${host}' can't be resolved`, { cause })
  }
}

function listenError(where: string, cause: unknown): GroundwireError {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new GroundwireError('ADDRESS_IN_USE', `UDP ${where} is in use already`, { cause })
    case 'EADDRNOTAVAIL':
      return new GroundwireError('ADDRESS_NOT_AVAILABLE', `this host has no address ${where} to listen on`, {
        cause,
      })
    case 'EACCES':
      return new GroundwireError(
        'PERMISSION',
        `no permission to listen on UDP ${where}: ports under 1024 need privileges`,
        {
          cause,
        },
      )
    default:
      return new GroundwireError('IO', `can't listen on UDP ${where}: ${(cause as Error).message}`, { cause })
  }
}
