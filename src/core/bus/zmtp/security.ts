// Security of connections by keys: loaded only where a role has some, and libsodium with it.
import { clientIdentity, CurveClient } from '../../security/curve-client.ts'
import { CurveServer, ServerIdentity } from '../../security/curve-server.ts'
import type { ClientKeys, ServerKeys } from '../../security/keys.ts'
import { Sodium } from '../../security/sodium.ts'
import { encodeProperties, greetingOf, type SocketType } from './handshake.ts'
import type { SealedInputLimits } from './sealed-input.ts'
import { SecureStream, type SecureStreamHandlers } from './secure-stream.ts'

/** Secures the connections of one socket. */
export interface Security {
  readonly greeting: Buffer
  /**
   * Secures one connection.
   * @param type the type of this side's socket, which the other is told
   * @param peer where the other side connects from
   */
  secure(
    type: SocketType,
    peer: string,
    handlers: SecureStreamHandlers,
    limits: SealedInputLimits,
  ): SecureStream
  /** Wipes the permanent keys: no further connection can be secured. */
  close(): void
}

/** Secures the connections of a client. @throws {UsageError} if its keys are not a pair */
export async function secureClient(keys: ClientKeys): Promise<Security> {
  const sodium = await Sodium.load()
  const identity = clientIdentity(sodium, keys)
  return {
    greeting: greetingOf('CURVE'),
    secure: (type, _peer, handlers, limits) =>
      new SecureStream(new CurveClient(sodium, identity, encodeProperties(type)), handlers, limits),
    close: () => identity.secretKey.wipe(),
  }
}

/** Secures the connections to a server. @throws {UsageError} if its keys are not a pair */
export async function secureServer(keys: ServerKeys): Promise<Security> {
  const identity = new ServerIdentity(await Sodium.load(), keys)
  return {
    greeting: greetingOf('CURVE', true),
    secure: (type, peer, handlers, limits) =>
      new SecureStream(new CurveServer(identity, peer, encodeProperties(type)), handlers, limits),
    close: () => identity.close(),
  }
}
