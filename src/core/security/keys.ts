import { UsageError } from '../errors.ts'

/** Bytes of a key of CURVE, public or secret. */
const KEY_LENGTH = 32

/**
 * The keys of a client of CURVE (RFC 26), 32 bytes each: its own pair, and the public key of the server that it trusts. The role
 * copies them when it starts, and wipes its copies when it closes.
 */
export interface ClientKeys {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
  /** The proxy's public key. */
  readonly serverKey: Uint8Array
}

/** A client's key that was admitted, as every message of its connection is judged by. */
export interface AdmittedKey {
  /** A name for people. */
  readonly name: string
}

/**
 * The keys of a server of CURVE (RFC 26), 32 bytes each, and its judgement of clients. The broker copies them when it starts, and wipes
 * its copies when it closes.
 */
export interface ServerKeys {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
  /**
   * Judges a client that has proved that it has the secret key of this public one.
   * @param address where it connects from, `HOST:PORT`, or `local N` over a Unix socket
   * @returns the key as it is admitted, or undefined to refuse it
   */
  admit(publicKey: Uint8Array, address: string): AdmittedKey | undefined
}

/** Checks the form of a client's keys. @throws {UsageError} that names the key, and never shows it */
export function checkClientKeys(keys: ClientKeys | undefined): void {
  if (keys === undefined) return
  checkKey('security.publicKey', keys.publicKey)
  checkKey('security.secretKey', keys.secretKey)
  checkKey('security.serverKey', keys.serverKey)
}

/** Checks the form of a server's keys. @throws {UsageError} that names the key, and never shows it */
export function checkServerKeys(keys: ServerKeys | undefined): void {
  if (keys === undefined) return
  checkKey('security.publicKey', keys.publicKey)
  checkKey('security.secretKey', keys.secretKey)
  if (typeof keys.admit !== 'function') throw new UsageError('security.admit is not a function')
}

function checkKey(name: string, key: unknown): void {
  if (!(key instanceof Uint8Array)) throw new UsageError(`${name} is not a Uint8Array of ${KEY_LENGTH} bytes`)
  if (key.length !== KEY_LENGTH)
    throw new UsageError(`${name} has ${key.length} bytes, where a key has ${KEY_LENGTH}`)
}
