import { lookup } from 'node:dns/promises'
import { hostOfBusUrl } from '../endpoint.ts'
import { GroundwireError } from '../errors.ts'
import type { BoundSocket } from './carrier.ts'

/**
 * Binds a socket to all these URLs, in this order.
 * @returns the bound URLs, with the ports that the system chose
 * @throws {GroundwireError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION, NAME_NOT_FOUND
 */
export async function bindAll(socket: BoundSocket, urls: readonly string[]): Promise<string[]> {
  const bound: string[] = []
  for (const text of urls) {
    const url = await resolveForBinding(text)
    bound.push(
      await socket.bind(url).catch((cause: unknown) => {
        throw bindError(text, cause)
      }),
    )
  }
  return bound
}

/** Resolves the host name in a URL, as a socket is bound to an address. */
async function resolveForBinding(url: string): Promise<string> {
  const host = hostOfBusUrl(url)
  if (host === undefined || url.includes('[') || /^[\d.]+$/.test(host)) return url
  const address = await lookup(host, { family: 4 })
    .catch(() => lookup(host))
    .catch(cause => {
      throw new GroundwireError('NAME_NOT_FOUND', `the host name '${host}' of ${url} can't be resolved`, {
        cause,
      })
    })
  return url.replace(host, address.family === 6 ? `[${address.address}]` : address.address)
}

function bindError(url: string, cause: unknown): GroundwireError {
  const code = (cause as NodeJS.ErrnoException).code
  switch (code) {
    case 'EADDRINUSE':
      return new GroundwireError('ADDRESS_IN_USE', `${url} is in use already`, {
        cause,
        hint: 'is another proxy, or an AIT server, running?',
      })
    case 'EACCES':
      return new GroundwireError('PERMISSION', `no permission to bind ${url}`, { cause })
    case 'EADDRNOTAVAIL':
    case 'ENODEV':
      return new GroundwireError(
        'ADDRESS_NOT_AVAILABLE',
        `${url} can't be bound: this host has no such address`,
        { cause },
      )
    case 'EMFILE':
    case 'ENFILE':
      return new GroundwireError('IO', `${url} can't be bound: too few file descriptors are free`, {
        cause,
        hint: 'ulimit -n, or LimitNOFILE= of its service, sets how many there may be; 32 are kept free',
      })
    default:
      return new GroundwireError('IO', `${url} can't be bound: ${(cause as Error).message}`, { cause })
  }
}
