import {
  COOKIE_LENGTH,
  ERROR,
  ERROR_AT,
  ERROR_LEAST,
  HELLO,
  HELLO_AT,
  HELLO_ZEROS,
  INITIATE,
  isCommand,
  LONG_NONCE,
  nameOf,
  nonceOf,
  READY,
  READY_AT,
  READY_LEAST,
  SHORT_NONCE,
  shortNonce,
  VERSION,
  WELCOME,
  WELCOME_AT,
  WELCOME_LENGTH,
} from './curve-commands.ts'
import { NOT_ITS_KEY, notAdmitted, UNREADABLE } from './denials.ts'
import type { CurveRole, Step } from './curve-role.ts'
import type { ClientKeys } from './keys.ts'
import { MessageKeys } from './message-keys.ts'
import { type Identity, identityOf } from './identity.ts'
import { KEY_LENGTH, type Secret, type Sodium } from './sodium.ts'

/** The short nonces of the client's two commands. Its messages count on from there. */
const HELLO_NONCE = shortNonce(1)
const INITIATE_NONCE = shortNonce(2)

/** A client's permanent keys, and the server's public key: one for all connections of a socket. */
export interface ClientIdentity extends Identity {
  readonly serverKey: Buffer
}

/** Copies a client's keys. Wipe the copy. @throws {UsageError} if its keys are not a pair */
export function clientIdentity(sodium: Sodium, keys: ClientKeys): ClientIdentity {
  return { ...identityOf(sodium, keys), serverKey: Buffer.from(keys.serverKey) }
}

/** The client's side of a handshake of CurveZMQ (RFC 26). */
export class CurveClient implements CurveRole {
  readonly #sodium: Sodium
  readonly #identity: ClientIdentity
  readonly #metadata: Buffer
  #state: 'new' | 'welcome' | 'ready' | 'over' = 'new'
  /** C' and c', the pair of this connection. */
  readonly #publicKey: Buffer
  readonly #secretKey: Secret
  /** The key between C' and S, until WELCOME; then the one between C' and S'. */
  #shared: Secret | undefined

  /** @param metadata the properties that the server is told */
  constructor(sodium: Sodium, identity: ClientIdentity, metadata: Buffer) {
    this.#sodium = sodium
    this.#identity = identity
    this.#metadata = metadata
    const { publicKey, secretKey } = sodium.keyPair()
    this.#publicKey = publicKey
    this.#secretKey = secretKey
    this.#shared = sodium.sharedKey(identity.serverKey, secretKey)
  }

  get hangUp(): string | undefined {
    return this.#state === 'welcome' ? UNREADABLE : undefined
  }

  begin(): Buffer | undefined {
    if (this.#state !== 'new' || this.#shared === undefined) return undefined
    this.#state = 'welcome'
    const box = this.#sodium.seal(HELLO_ZEROS, nonceOf('CurveZMQHELLO---', HELLO_NONCE), this.#shared)
    const padding = Buffer.alloc(HELLO_AT.clientKey - HELLO_AT.padding)
    return Buffer.concat([HELLO, VERSION, padding, this.#publicKey, HELLO_NONCE, box])
  }

  receive(command: Buffer): Step {
    if (isCommand(command, ERROR)) return this.#onError(command)
    if (this.#state === 'welcome' && isCommand(command, WELCOME)) return this.#onWelcome(command)
    if (this.#state === 'ready' && isCommand(command, READY)) return this.#onReady(command)
    return this.#fail(`${nameOf(command)} came out of turn`)
  }

  close(): void {
    this.#state = 'over'
    this.#secretKey.wipe()
    this.#shared?.wipe()
  }

  #onWelcome(command: Buffer): Step {
    if (command.length !== WELCOME_LENGTH || this.#shared === undefined)
      return this.#fail(`a WELCOME of ${command.length} bytes`)
    const nonce = nonceOf('WELCOME-', command.subarray(WELCOME_AT.nonce, WELCOME_AT.box))
    const plain = this.#sodium.open(command.subarray(WELCOME_AT.box), nonce, this.#shared)
    if (plain === undefined) return this.#deny(NOT_ITS_KEY)
    const [serverKey, cookie] = [
      Buffer.from(plain.bytes.subarray(0, KEY_LENGTH)),
      Buffer.from(plain.bytes.subarray(KEY_LENGTH, KEY_LENGTH + COOKIE_LENGTH)),
    ]
    plain.wipe()
    this.#shared.wipe()
    this.#shared = this.#sodium.sharedKey(serverKey, this.#secretKey)
    const reply = this.#initiate(serverKey, cookie)
    if (reply === undefined) return this.#fail('a WELCOME with a key that is none')
    this.#secretKey.wipe()
    this.#state = 'ready'
    return { reply }
  }

  /** The vouch proves by the permanent key that C' is ours. */
  #initiate(serverKey: Buffer, cookie: Buffer): Buffer | undefined {
    const vouchKey = this.#sodium.sharedKey(serverKey, this.#identity.secretKey)
    if (this.#shared === undefined || vouchKey === undefined) return undefined
    const vouchNonce = this.#sodium.randomBytes(LONG_NONCE)
    const vouch = this.#sodium.seal(
      Buffer.concat([this.#publicKey, this.#identity.serverKey]),
      nonceOf('VOUCH---', vouchNonce),
      vouchKey,
    )
    vouchKey.wipe()
    const box = this.#sodium.seal(
      Buffer.concat([this.#identity.publicKey, vouchNonce, vouch, this.#metadata]),
      nonceOf('CurveZMQINITIATE', INITIATE_NONCE),
      this.#shared,
    )
    return Buffer.concat([INITIATE, cookie, INITIATE_NONCE, box])
  }

  #onReady(command: Buffer): Step {
    if (command.length < READY_LEAST || this.#shared === undefined)
      return this.#fail(`a READY of ${command.length} bytes`)
    const short = command.subarray(READY_AT.nonce, READY_AT.nonce + SHORT_NONCE)
    const plain = this.#sodium.open(
      command.subarray(READY_AT.box),
      nonceOf('CurveZMQREADY---', short),
      this.#shared,
    )
    if (plain === undefined) return this.#fail('a READY that its key does not open')
    const metadata = Buffer.from(plain.bytes)
    plain.wipe()
    const keys = new MessageKeys(this.#sodium, 'client', this.#shared, INITIATE_NONCE, short)
    this.close()
    return { opened: { metadata, keys } }
  }

  /** Nobody vouches for an ERROR, so that it can end a connection, and no more. */
  #onError(command: Buffer): Step {
    const end = ERROR_AT.reason + (command[ERROR_AT.length] ?? 0)
    if (command.length < ERROR_LEAST || end !== command.length) return this.#fail('a malformed ERROR')
    const reason = command.toString('latin1', ERROR_AT.reason, end).replace(/[^\x20-\x7e]/g, '?')
    return this.#deny(/^\d{3}$/.test(reason) ? notAdmitted(reason) : `it refuses us: ${reason}`)
  }

  #deny(fault: string): Step {
    this.close()
    return { fault, isDenied: true }
  }

  #fail(what: string): Step {
    this.close()
    return { fault: `it does not keep to CURVE: ${what}` }
  }
}
