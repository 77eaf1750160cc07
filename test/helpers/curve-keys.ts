import { Sodium } from '../../src/core/security/sodium.ts'

/** A pair of keys of CURVE. */
export interface KeyPair {
  readonly publicKey: Buffer
  readonly secretKey: Buffer
}

/** Makes a pair of keys. */
export async function makeKeys(): Promise<KeyPair> {
  const { publicKey, secretKey } = (await Sodium.load()).keyPair()
  const pair = { publicKey, secretKey: Buffer.from(secretKey.bytes) }
  secretKey.wipe()
  return pair
}
