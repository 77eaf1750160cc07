import { KEY_LENGTH, NONCE_LENGTH, type Secret, type Sodium } from './sodium.ts'

/** Bytes of a nonce that say which side it is of; the rest counts. */
const PREFIX_LENGTH = 16
const FROM_CLIENT = Buffer.from('CurveZMQMESSAGEC', 'latin1')
const FROM_SERVER = Buffer.from('CurveZMQMESSAGES', 'latin1')

/**
 * The key of a connection's messages, and the nonces of its two directions, in libsodium's memory. A nonce holds the count of the last
 * command that was sent or received: it is counted up ahead of each message, so that none is ever used twice.
 */
export class MessageKeys {
  readonly sodium: Sodium
  readonly #secret: Secret
  /** Pointers to the key, and to the nonces of the last command in each direction. */
  readonly key: number
  readonly sent: number
  readonly received: number

  /**
   * @param shared the key between C' and S'; it is copied
   * @param sent the short nonce of the last command that this side has sent, and `received` of the other's last
   */
  constructor(
    sodium: Sodium,
    role: 'client' | 'server',
    shared: Secret,
    sent: Uint8Array,
    received: Uint8Array,
  ) {
    const isClient = role === 'client'
    this.sodium = sodium
    this.#secret = sodium.keep(
      shared,
      isClient ? FROM_CLIENT : FROM_SERVER,
      sent,
      isClient ? FROM_SERVER : FROM_CLIENT,
      received,
    )
    this.key = this.#secret.at
    this.sent = this.key + KEY_LENGTH
    this.received = this.sent + NONCE_LENGTH
  }

  get isWiped(): boolean {
    return this.#secret.isWiped
  }

  wipe(): void {
    this.#secret.wipe()
  }
}

/** Where the counting part of a nonce begins. */
export const COUNT_AT = PREFIX_LENGTH

/** Counts a nonce up, in place. 2**64 messages are never sent. */
export function countUp(heap: Buffer, nonce: number): void {
  for (let at = nonce + NONCE_LENGTH - 1; at >= nonce + COUNT_AT; at--) {
    const byte = ((heap[at] as number) + 1) & 0xff
    heap[at] = byte
    if (byte !== 0) return
  }
}
