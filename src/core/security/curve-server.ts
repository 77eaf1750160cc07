import { CookieKeys, type Kept } from './cookie-keys.ts'
import {
  COOKIE_AT,
  COOKIE_LENGTH,
  ERROR,
  HELLO,
  HELLO_AT,
  HELLO_LENGTH,
  HELLO_ZEROS,
  INITIATE,
  INITIATE_AT,
  INITIATE_LEAST,
  isCommand,
  LONG_NONCE,
  nameOf,
  nonceOf,
  NOT_ADMITTED,
  READY,
  SHORT_NONCE,
  shortNonce,
  VERSION,
  VOUCHED_AT,
  WELCOME,
} from './curve-commands.ts'
import type { CurveRole, Step } from './curve-role.ts'
import { type Identity, identityOf } from './identity.ts'
import type { AdmittedKey, ServerKeys } from './keys.ts'
import { MessageKeys } from './message-keys.ts'
import { KEY_LENGTH, type Secret, type Sodium } from './sodium.ts'
import { encodeZ85 } from './z85.ts'

/** The short nonce of the server's READY. Its messages count on from there. */
const READY_NONCE = shortNonce(1)
/** Bytes of a cookie's nonce that are the number of its connection; some random ones, and HELLO's short nonce follow. */
const CONNECTION_LENGTH = 4

/** A server's permanent keys, and all that its connections share. */
export class ServerIdentity {
  readonly sodium: Sodium
  readonly cookies: CookieKeys
  readonly #identity: Identity
  readonly #admit: ServerKeys['admit']
  #connections = 0

  /** Copies the keys. @throws {UsageError} if they are not a pair */
  constructor(sodium: Sodium, keys: ServerKeys) {
    this.sodium = sodium
    this.#identity = identityOf(sodium, keys)
    this.#admit = (publicKey, address) => keys.admit(publicKey, address)
    this.cookies = new CookieKeys(sodium)
  }

  get publicKey(): Buffer {
    return this.#identity.publicKey
  }

  get secretKey(): Secret {
    return this.#identity.secretKey
  }

  admit(publicKey: Uint8Array, address: string): AdmittedKey | undefined {
    return this.#admit(publicKey, address)
  }

  /** The number of a new connection. It comes again after 2**32 others, when no cookie of the first can be opened any more. */
  nextConnection(): Buffer {
    this.#connections = (this.#connections + 1) >>> 0
    const number = Buffer.alloc(CONNECTION_LENGTH)
    number.writeUInt32BE(this.#connections)
    return number
  }

  /** Wipes the keys. Its connections may end by themselves. */
  close(): void {
    this.#identity.secretKey.wipe()
    this.cookies.close()
  }
}

/**
 * The server's side of a handshake of CurveZMQ (RFC 26).
 *
 * Before INITIATE it holds nothing of the client: its cookie does. A cookie opens only on the connection that it was made for, as
 * its nonce has the number of that: so neither a recorded INITIATE nor a whole recorded session opens another one.
 */
export class CurveServer implements CurveRole {
  readonly hangUp = undefined
  readonly #identity: ServerIdentity
  readonly #address: string
  readonly #metadata: Buffer
  readonly #connection: Buffer
  #state: 'hello' | 'initiate' | 'over' = 'hello'

  /**
   * @param address where the client connects from
   * @param metadata the properties that the client is told
   */
  constructor(identity: ServerIdentity, address: string, metadata: Buffer) {
    this.#identity = identity
    this.#address = address
    this.#metadata = metadata
    this.#connection = identity.nextConnection()
  }

  begin(): undefined {}

  receive(command: Buffer): Step {
    if (this.#identity.secretKey.isWiped) return this.#fail('it came as this side closed')
    if (this.#state === 'hello' && isCommand(command, HELLO)) return this.#onHello(command)
    if (this.#state === 'initiate' && isCommand(command, INITIATE)) return this.#onInitiate(command)
    return this.#fail(`${nameOf(command)} came out of turn`)
  }

  close(): void {
    this.#state = 'over'
  }

  #onHello(command: Buffer): Step {
    if (command.length !== HELLO_LENGTH) return this.#fail(`a HELLO of ${command.length} bytes`)
    if (!command.subarray(HELLO_AT.version, HELLO_AT.padding).equals(VERSION))
      return this.#fail('a HELLO of another version than 1.0')
    if (command.subarray(HELLO_AT.padding, HELLO_AT.clientKey).some(byte => byte !== 0))
      return this.#fail('a HELLO whose padding is not zero')
    const clientKey = command.subarray(HELLO_AT.clientKey, HELLO_AT.nonce)
    const short = command.subarray(HELLO_AT.nonce, HELLO_AT.box)
    const { sodium, secretKey } = this.#identity
    const shared = sodium.sharedKey(clientKey, secretKey)
    const nonce = nonceOf('CurveZMQHELLO---', short)
    const plain =
      shared === undefined ? undefined : sodium.open(command.subarray(HELLO_AT.box), nonce, shared)
    const isSigned = plain !== undefined && HELLO_ZEROS.equals(plain.bytes)
    plain?.wipe()
    if (shared === undefined || !isSigned) {
      shared?.wipe()
      this.close()
      return { fault: 'it does not know the public key of this side', isDenied: true }
    }
    const reply = this.#welcome(clientKey, short, shared)
    shared.wipe()
    this.#state = 'initiate'
    return { reply }
  }

  #welcome(clientKey: Buffer, helloNonce: Buffer, shared: Secret): Buffer {
    const { sodium, cookies } = this.#identity
    const { publicKey, secretKey } = sodium.keyPair()
    const random = sodium.randomBytes(LONG_NONCE - CONNECTION_LENGTH - SHORT_NONCE)
    const cookie = cookies.seal(clientKey, secretKey, Buffer.concat([this.#connection, random, helloNonce]))
    secretKey.wipe()
    const nonce = sodium.randomBytes(LONG_NONCE)
    const box = sodium.seal(Buffer.concat([publicKey, cookie]), nonceOf('WELCOME-', nonce), shared)
    return Buffer.concat([WELCOME, nonce, box])
  }

  #onInitiate(command: Buffer): Step {
    if (command.length < INITIATE_LEAST) return this.#fail(`an INITIATE of ${command.length} bytes`)
    const cookie = command.subarray(INITIATE_AT.cookie, INITIATE_AT.cookie + COOKIE_LENGTH)
    const short = command.subarray(INITIATE_AT.nonce, INITIATE_AT.box)
    if (!this.#connection.equals(cookie.subarray(COOKIE_AT.nonce, CONNECTION_LENGTH)))
      return this.#fail('an INITIATE with the cookie of another connection')
    const kept = this.#identity.cookies.open(cookie)
    if (kept === undefined) return this.#fail('an INITIATE with a cookie that is not ours, or is too old')
    if (short.compare(cookie.subarray(LONG_NONCE - SHORT_NONCE, LONG_NONCE)) <= 0) {
      kept.secretKey.wipe()
      return this.#fail('an INITIATE whose nonce does not rise')
    }
    const shared = this.#identity.sodium.sharedKey(kept.clientKey, kept.secretKey)
    const nonce = nonceOf('CurveZMQINITIATE', short)
    const plain =
      shared === undefined
        ? undefined
        : this.#identity.sodium.open(command.subarray(INITIATE_AT.box), nonce, shared)
    const vouched = plain === undefined ? undefined : Buffer.from(plain.bytes)
    plain?.wipe()
    const isVouched = vouched !== undefined && this.#isVouchedFor(vouched, kept)
    kept.secretKey.wipe()
    const step =
      shared === undefined || vouched === undefined || !isVouched
        ? this.#fail('an INITIATE that its keys do not open')
        : this.#judge(vouched, short, shared)
    shared?.wipe()
    return step
  }

  /** Whether the permanent key vouches for C', and for S, so that nobody else can pass the vouch on. */
  #isVouchedFor(vouched: Buffer, { clientKey, secretKey }: Kept): boolean {
    const { sodium, publicKey } = this.#identity
    const theirs = vouched.subarray(VOUCHED_AT.clientKey, VOUCHED_AT.clientKey + KEY_LENGTH)
    const vouchKey = sodium.sharedKey(theirs, secretKey)
    if (vouchKey === undefined) return false
    const nonce = nonceOf('VOUCH---', vouched.subarray(VOUCHED_AT.nonce, VOUCHED_AT.box))
    const vouch = sodium.open(vouched.subarray(VOUCHED_AT.box, VOUCHED_AT.metadata), nonce, vouchKey)
    vouchKey.wipe()
    const isRight = vouch !== undefined && Buffer.concat([clientKey, publicKey]).equals(vouch.bytes)
    vouch?.wipe()
    return isRight
  }

  /** The client has proved that it has the secret key of its public one. Whether that may come in is not ours to say. */
  #judge(vouched: Buffer, short: Buffer, shared: Secret): Step {
    this.close()
    const clientKey = vouched.subarray(VOUCHED_AT.clientKey, VOUCHED_AT.clientKey + KEY_LENGTH)
    const peerKey = this.#identity.admit(clientKey, this.#address)
    if (peerKey === undefined) {
      const reply = Buffer.concat([ERROR, Buffer.of(NOT_ADMITTED.length), Buffer.from(NOT_ADMITTED)])
      return { reply, fault: `its key ${encodeZ85(clientKey)} is not allowed`, isDenied: true }
    }
    const { sodium } = this.#identity
    const box = sodium.seal(this.#metadata, nonceOf('CurveZMQREADY---', READY_NONCE), shared)
    const keys = new MessageKeys(sodium, 'server', shared, READY_NONCE, short)
    return {
      reply: Buffer.concat([READY, READY_NONCE, box]),
      opened: { metadata: vouched.subarray(VOUCHED_AT.metadata), keys, peerKey },
    }
  }

  #fail(what: string): Step {
    this.close()
    return { fault: `it does not keep to CURVE: ${what}` }
  }
}
