import { COOKIE_AT, COOKIE_LENGTH, LONG_NONCE, nonceOf } from './curve-commands.ts'
import { KEY_LENGTH, type Secret, type Sodium } from './sodium.ts'

/** Time after which a cookie's key is replaced, in ms: RFC 26 names 60 s. One more such time later it is wiped. */
const PERIOD_MS = 60_000

/** The keys of a connection that a cookie has kept. Wipe them. */
export interface Kept {
  /** C', the client's. */
  readonly clientKey: Buffer
  /** s', the server's own. */
  readonly secretKey: Secret
}

/**
 * The keys of cookies. A cookie holds all that a server knows of a client between its WELCOME and the client's INITIATE, so that the
 * server keeps nothing. It opens for a minute at least, and two at most.
 */
export class CookieKeys {
  readonly #sodium: Sodium
  #current: Secret | undefined
  #previous: Secret | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(sodium: Sodium) {
    this.#sodium = sodium
  }

  /** @param nonce 16 bytes that no other cookie has */
  seal(clientKey: Buffer, secretKey: Secret, nonce: Buffer): Buffer {
    this.#current ??= this.#sodium.randomKey()
    this.#timer ??= setInterval(() => this.rotate(), PERIOD_MS).unref()
    const plain = this.#sodium.keep(clientKey, secretKey)
    const box = this.#sodium.seal(plain, nonceOf('COOKIE--', nonce), this.#current)
    plain.wipe()
    return Buffer.concat([nonce, box])
  }

  /** Opens a cookie of `COOKIE_LENGTH` bytes. Undefined if it was not made here, or too long ago. */
  open(cookie: Buffer): Kept | undefined {
    const nonce = nonceOf('COOKIE--', cookie.subarray(COOKIE_AT.nonce, LONG_NONCE))
    const box = cookie.subarray(COOKIE_AT.box, COOKIE_LENGTH)
    for (const key of [this.#current, this.#previous]) {
      const plain = key === undefined ? undefined : this.#sodium.open(box, nonce, key)
      if (plain === undefined) continue
      const clientKey = Buffer.from(plain.bytes.subarray(0, KEY_LENGTH))
      const secretKey = this.#sodium.part(plain, KEY_LENGTH, plain.length)
      plain.wipe()
      return { clientKey, secretKey }
    }
    return undefined
  }

  /** Replaces the key, and wipes the one before. Without cookies in between, no key is left. */
  rotate(): void {
    this.#previous?.wipe()
    this.#previous = this.#current
    this.#current = undefined
    if (this.#previous !== undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Wipes the keys. */
  close(): void {
    this.rotate()
    this.rotate()
  }
}
