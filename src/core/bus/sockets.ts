// Makes a role's sockets, over either carrier. A role loads only the sockets that it needs.
import type { Bus } from './bus-options.ts'
import type {
  CarrierName,
  DescriptorEvent,
  PublisherSocket,
  PublisherSocketOptions,
  SubscriberSocket,
  SubscriberSocketOptions,
  XPubSocket,
  XPubSocketOptions,
  XSubSocket,
  XSubSocketOptions,
} from './carrier.ts'
import { UsageError } from '../errors.ts'
import type { ServerKeys } from '../security/keys.ts'
import type { Limits } from './limits.ts'
import type { Security } from './zmtp/security.ts'

/**
 * Chooses the carrier for these URLs. A name in Linux's abstract namespace (`ipc://@NAME`) needs libzmq: Node before 21 pads
 * such names with zero bytes, and no other program finds them.
 */
function carrierFor(asked: CarrierName, urls: readonly string[]): CarrierName {
  return urls.some(url => url.startsWith('ipc://@')) ? 'libzmq' : asked
}

/** Loads what a client's keys need. Each socket has a copy of them, and wipes it when it closes. */
async function securityOf({ security }: Bus): Promise<Security | undefined> {
  if (security === undefined) return undefined
  const { secureClient } = await import('./zmtp/security.ts')
  return secureClient(security)
}

/** Starts to connect, and returns: the proxy need not be there yet. */
export async function openPublisherSocket(
  bus: Bus & { readonly xsub: string },
  settings: Omit<PublisherSocketOptions, 'url' | 'maxInFlight'>,
): Promise<PublisherSocket> {
  const options = { ...settings, url: bus.xsub, keys: bus.security, maxInFlight: bus.maxInFlight }
  if (carrierFor(bus.carrier, [options.url]) === 'zmtp') {
    const { ZmtpPublisherSocket } = await import('./zmtp/publisher-socket.ts')
    return new ZmtpPublisherSocket(options, await securityOf(bus))
  }
  const { LibzmqPublisherSocket } = await import('./libzmq/publisher-socket.ts')
  return LibzmqPublisherSocket.open(options)
}

/** Subscribes, starts to connect and read, and returns: the proxy need not be there yet. */
export async function openSubscriberSocket(
  bus: Bus,
  settings: Omit<SubscriberSocketOptions, 'url'>,
): Promise<SubscriberSocket> {
  const options = { ...settings, url: bus.xpub, keys: bus.security }
  if (carrierFor(bus.carrier, [options.url]) === 'zmtp') {
    const { ZmtpSubscriberSocket } = await import('./zmtp/subscriber-socket.ts')
    return new ZmtpSubscriberSocket(options, await securityOf(bus))
  }
  const { LibzmqSubscriberSocket } = await import('./libzmq/subscriber-socket.ts')
  return LibzmqSubscriberSocket.open(options)
}

/** Loads what a server's keys need. Both sides of a broker share one copy of them, and wipe it when they close. */
async function serverSecurityOf(keys: ServerKeys): Promise<Security> {
  const { secureServer } = await import('./zmtp/security.ts')
  return secureServer(keys)
}

export interface BrokerSocketOptions {
  readonly xsub: XSubSocketOptions
  readonly xpub: XPubSocketOptions
  /** The keys of the broker. Over the own carrier only. */
  readonly keys?: ServerKeys | undefined
  /** Over libzmq only the length of a topic is limited; all else is libzmq's own. */
  readonly limits: Limits
  readonly onDescriptors: (event: DescriptorEvent) => void
}

/** Makes the two sides of a broker, for binding to these URLs. */
export async function makeBrokerSockets(
  carrier: CarrierName,
  urls: readonly string[],
  options: BrokerSocketOptions,
): Promise<{ readonly xsub: XSubSocket; readonly xpub: XPubSocket }> {
  if (carrierFor(carrier, urls) === 'zmtp') {
    const [{ ZmtpXSubSocket }, { ZmtpXPubSocket }, { Resources }] = await Promise.all([
      import('./zmtp/xsub-socket.ts'),
      import('./zmtp/xpub-socket.ts'),
      import('./zmtp/resources.ts'),
    ])
    const security = options.keys === undefined ? undefined : await serverSecurityOf(options.keys)
    const resources = new Resources(options.limits, options.onDescriptors)
    return {
      xsub: new ZmtpXSubSocket(options.xsub, resources, security),
      xpub: new ZmtpXPubSocket(options.xpub, resources, security),
    }
  }
  if (options.keys !== undefined)
    throw new UsageError('a proxy with keys is only possible over the carrier zmtp, and not over libzmq')
  const [{ LibzmqXSubSocket }, { LibzmqXPubSocket }] = await Promise.all([
    import('./libzmq/xsub-socket.ts'),
    import('./libzmq/xpub-socket.ts'),
  ])
  return { xsub: new LibzmqXSubSocket(options.xsub), xpub: new LibzmqXPubSocket(options.xpub) }
}
