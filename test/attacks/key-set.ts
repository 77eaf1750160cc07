import { program } from '../../scripts/project.ts'
import type { ClientKeys } from '../../src/core/security/keys.ts'
import { type KeyPair, makeKeys } from '../helpers/curve-keys.ts'
import type { PairKeys } from './pair-process.ts'

/** The keys of a proxy, and of the clients that it lets in: one pair for the rightful ones, one for the attacker. */
export class KeySet {
  readonly #server: KeyPair
  readonly #rightful: KeyPair
  readonly #attacker: KeyPair

  static async make(): Promise<KeySet> {
    return new KeySet(await makeKeys(), await makeKeys(), await makeKeys())
  }

  private constructor(server: KeyPair, rightful: KeyPair, attacker: KeyPair) {
    this.#server = server
    this.#rightful = rightful
    this.#attacker = attacker
  }

  get client(): ClientKeys {
    return { ...this.#attacker, serverKey: this.#server.publicKey }
  }

  get pairKeys(): PairKeys {
    return {
      publicKey: this.#rightful.publicKey.toString('hex'),
      secretKey: this.#rightful.secretKey.toString('hex'),
      serverKey: this.#server.publicKey.toString('hex'),
    }
  }

  get proxyWords(): string[] {
    const { file, execArgv } = program(import.meta.dirname, 'keyed-proxy')
    return [process.execPath, ...execArgv, file]
  }

  /** The environment that tells the proxy its keys. */
  get proxyEnv(): Readonly<Record<string, string>> {
    const { publicKey, secretKey } = this.#server
    const words = [publicKey, secretKey, this.#rightful.publicKey, this.#attacker.publicKey]
    return { KEYED_PROXY: words.map(key => key.toString('hex')).join(' ') }
  }
}
