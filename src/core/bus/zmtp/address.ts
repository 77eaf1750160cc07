import type { NetConnectOpts } from 'node:net'
import { type Endpoint, hostOfBusUrl } from '../../endpoint.ts'

/** Time for which one address of a name is tried before the next, in ms: a way over a satellite takes its half second. */
const ADDRESS_MS = 1_000

/** The path of an `ipc://` URL; undefined for other transports. */
export function ipcPath(url: string): string | undefined {
  return /^ipc:\/\/(.+)$/.exec(url)?.[1]
}

/** The address of a URL, as the system's sockets take it. The URL has passed parseBusUrl. */
export function connectOptions(url: string): NetConnectOpts {
  const path = ipcPath(url)
  if (path !== undefined) return { path }
  return {
    host: hostOfBusUrl(url) ?? '127.0.0.1',
    port: portOf(url),
    noDelay: true,
    // A name may have addresses of both families: the next one is tried where nobody answers at the first (RFC 8305).
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
  }
}

/** The port of a `tcp://` URL; 0 for `*`, which asks the system for a free one. */
export function portOf(url: string): number {
  return Number(/:(\d+)$/.exec(url)?.[1] ?? 0)
}

/** One end of a connection, as Node names it; a v4 address that came to a v6 socket as what it is. Undefined for Unix sockets. */
export function endpointOf(address: string | undefined, port: number | undefined): Endpoint | undefined {
  if (address === undefined || port === undefined) return undefined
  return { host: address.replace(/^::ffff:(?=[\d.]+$)/, ''), port }
}
