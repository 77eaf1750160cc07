import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { platform } from 'node:os'
import { type Endpoint, formatEndpoint, isMulticast } from '../endpoint.ts'
import { GroundwireError } from '../errors.ts'

/**
 * Opens a UDP socket that listens. A multicast group is joined, on the interface that the system picks for it.
 * @param receiveBuffer bytes to ask the kernel for; it may give less, without a word: see {@link receiveBufferOf}
 * @throws {GroundwireError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION, NAME_NOT_FOUND, IO
 */
export async function listenOn({ host, port }: Endpoint, receiveBuffer?: number): Promise<Socket> {
  const { address, family } = await resolve(host)
  const multicast = isMulticast(address)
  // Several listeners share a multicast group. On any other address, sharing would let one steal the other's datagrams.
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
 * Opens a UDP socket that sends to one place: connected, so that a refusal (ICMP port unreachable) is reported.
 * @throws {GroundwireError} NAME_NOT_FOUND, ADDRESS_NOT_AVAILABLE, IO
 */
export async function connectTo({ host, port }: Endpoint): Promise<Socket> {
  const { address, family } = await resolve(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((ready, reject) => {
      socket.once('error', reject)
      socket.bind(0, () => {
        socket.setBroadcast(true)
        socket.connect(port, address, () => {
          socket.off('error', reject)
          ready()
        })
      })
    })
    return socket
  } catch (cause) {
    socket.close()
    throw new GroundwireError(
      'ADDRESS_NOT_AVAILABLE',
      `there is no way to ${formatEndpoint({ host, port })} from this host`,
      {
        cause,
      },
    )
  }
}

/** The receive buffer that a socket really has, in bytes as they are asked for: Linux reports twice that (socket(7)). */
export function receiveBufferOf(socket: Socket): number {
  const size = socket.getRecvBufferSize()
  return platform() === 'linux' ? Math.floor(size / 2) : size
}

async function resolve(host: string): Promise<{ address: string; family: number }> {
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
