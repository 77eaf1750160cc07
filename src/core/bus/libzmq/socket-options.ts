import { lookup } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { hostOfBusUrl } from '../../endpoint.ts'
import type { ClientKeys } from '../../security/keys.ts'
import { encodeZ85 } from '../../security/z85.ts'
import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from '../carrier.ts'

/**
 * Messages that ZeroMQ may hold for one peer in each direction before it drops a subscriber's or pushes ours back.
 * Ten times ZeroMQ's own default: a burst while a role collects its garbage is thousands of datagrams long.
 */
export const HIGH_WATER_MARK = 10_000

/** Options of every socket of the bus. Times are in ms. */
export const COMMON_OPTIONS = {
  // Without a domain libzmq accepts ZMTP 1.0 peers, and reads an HTTP request or random bytes as messages.
  zapDomain: 'groundwire',
  heartbeatInterval: HEARTBEAT_INTERVAL_MS,
  heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  // The role flushes messages within its time limit; any left then must not keep the process alive.
  linger: 0,
} as const

/**
 * Intervals of attempts to reach an absent proxy, in ms: up to 200, to which libzmq adds up to 50 at random. So a receiver is
 * back within 250 ms of a proxy's start.
 */
export const RECONNECT_OPTIONS = {
  reconnectInterval: 50,
  reconnectMaxInterval: 200,
  // Linux would repeat its SYN after up to 30 s and more.
  connectTimeout: 2_000,
} as const

/** Options of a client's keys. libzmq takes them as text, which can't be wiped. */
export function keyOptions(keys: ClientKeys | undefined): {
  readonly curvePublicKey?: string
  readonly curveSecretKey?: string
  readonly curveServerKey?: string
} {
  if (keys === undefined) return {}
  return {
    curvePublicKey: encodeZ85(keys.publicKey),
    curveSecretKey: encodeZ85(keys.secretKey),
    curveServerKey: encodeZ85(keys.serverKey),
  }
}

/**
 * Whether a socket for this URL must speak IPv6. A name that also has a v4 address is reached by that one: libzmq would prefer
 * v6, and a proxy on 127.0.0.1 does not answer on ::1.
 */
export async function needsIPv6(url: string): Promise<boolean> {
  const host = hostOfBusUrl(url)
  if (host === undefined) return false
  if (isIPv6(host.split('%', 1)[0] ?? host)) return true
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.length > 0 && addresses.every(({ family }) => family === 6)
}
