import { UsageError } from '../errors.ts'
import type { Secret, Sodium } from './sodium.ts'

/** A copy of permanent keys, the secret one in libsodium's memory. */
export interface Identity {
  readonly publicKey: Buffer
  readonly secretKey: Secret
}

/** Copies a pair of keys. Wipe the copy. @throws {UsageError} if they are not a pair */
export function identityOf(
  sodium: Sodium,
  keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
): Identity {
  const secretKey = sodium.keep(keys.secretKey)
  const publicKey = sodium.publicKeyOf(secretKey)
  if (publicKey.equals(keys.publicKey)) return { publicKey, secretKey }
  secretKey.wipe()
  throw new UsageError('security.publicKey is not the public key of security.secretKey')
}
