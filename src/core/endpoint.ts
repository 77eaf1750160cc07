import { isIPv6 } from 'node:net'
import { UsageError } from './errors.ts'

/** Default URL for publishers, of AIT's broker and of groundwire's proxy. */
export const DEFAULT_XSUB_URL = 'tcp://127.0.0.1:5559'
/** Default URL for subscribers, of AIT's broker and of groundwire's proxy. */
export const DEFAULT_XPUB_URL = 'tcp://127.0.0.1:5560'

/** A UDP address: a host (a name, or an address without brackets) and a port. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** `HOST:PORT`, with brackets around a v6 address (RFC 3986, section 3.2.2). */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${isIPv6(stripZone(host)) ? `[${host}]` : host}:${port}`
}

/**
 * Parses the address that a role listens on: `PORT` (on 127.0.0.1, as in AIT), `HOST:PORT` or `[V6]:PORT`. Port 0 asks
 * the system for a free port.
 * @throws {UsageError} if the text has another form
 */
export function parseListenAddress(text: string): Endpoint {
  const form = 'PORT, HOST:PORT or [V6]:PORT with a port from 0 to 65535'
  if (/^\d+$/.test(text)) return { host: '127.0.0.1', port: parsePort(text, 0) ?? fail(text, form) }
  return splitHostPort(text, 0) ?? fail(text, form)
}

/**
 * Parses a destination of datagrams: `HOST:PORT` or `[V6]:PORT`.
 * @throws {UsageError} if the text has another form, or the port is 0
 */
export function parseDestination(text: string): Endpoint {
  return splitHostPort(text, 1) ?? fail(text, 'HOST:PORT or [V6]:PORT with a port from 1 to 65535')
}

/** Whether a host is a multicast address: 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291, section 2.7). */
export function isMulticast(host: string): boolean {
  return isIPv6(stripZone(host)) ? /^ff/i.test(host) : /^2(2[4-9]|3\d)\.\d+\.\d+\.\d+$/.test(host)
}

/** The side that a bus URL is for: `*` and port `*` mean something else to the side that binds. */
export type UrlUse = 'bind' | 'connect'

/**
 * Checks a URL of the bus and returns it in the form that ZeroMQ takes.
 *
 * `tcp://*:5559` means every interface when binding, and this host when connecting, as in AIT. Port `*` or 0 asks for a
 * free port, when binding only. `ipc://PATH` is returned unchanged.
 * @throws {UsageError} if the text is not such a URL
 */
export function parseBusUrl(text: string, use: UrlUse): string {
  const form = `tcp://HOST:PORT or ipc://PATH${use === 'bind' ? ', with * for every interface or a free port' : ''}`
  if (/^ipc:\/\/.+/.test(text)) return text
  const match = /^tcp:\/\/(\*|\[[^\]\s]+\]|[^:[\]\s/*]+):(\*|\d+)$/.exec(text)
  const [, host = '', port = ''] = match ?? fail(text, form)
  if (port === '*' || port === '0') return use === 'bind' ? `tcp://${host}:*` : fail(text, form)
  if (host.startsWith('[') && !isIPv6(stripZone(host.slice(1, -1)))) fail(text, form)
  if (parsePort(port, 1) === undefined) fail(text, form)
  return `tcp://${use === 'connect' && host === '*' ? '127.0.0.1' : host}:${port}`
}

/** Returns the host of a `tcp://` URL, without brackets. Undefined for `*` and for other transports. */
export function hostOfBusUrl(url: string): string | undefined {
  const host = /^tcp:\/\/(?:\[([^\]]+)\]|([^:*]+)):/.exec(url)
  return host?.[1] ?? host?.[2]
}

function splitHostPort(text: string, least: number): Endpoint | undefined {
  const match = /^(?:\[([^\]\s]+)\]|([^:[\]\s/@]+)):(\d+)$/.exec(text)
  const port = parsePort(match?.[3] ?? '', least)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || port === undefined) return undefined
  if (match?.[1] !== undefined && !isIPv6(stripZone(host))) return undefined
  // Digits and dots alone mean an address. A malformed one is a typing error: never look it up as a name.
  if (/^[\d.]+$/.test(host) && !/^(\d{1,3}\.){3}\d{1,3}$/.test(host)) return undefined
  if (/^[\d.]+$/.test(host) && host.split('.').some(byte => Number(byte) > 255)) return undefined
  return { host, port }
}

function parsePort(text: string, least: number): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port >= least && port <= 65_535 ? port : undefined
}

/** Removes the zone from `fe80::1%eth0` (RFC 4007, section 11). */
function stripZone(host: string): string {
  return host.split('%', 1)[0] ?? host
}

function fail(text: string, form: string): never {
  throw new UsageError(`'${text}' is not of the form ${form}`)
}
