// The commands of CurveZMQ 1.0 (RFC 26, section "High-level Grammar"): where their fields begin, and the nonces of their boxes.
//
// Keys are named as in the RFC: C and S are the permanent ones of client and server, C' and S' those of one connection.

export const HELLO = Buffer.from('\x05HELLO', 'latin1')
export const WELCOME = Buffer.from('\x07WELCOME', 'latin1')
export const INITIATE = Buffer.from('\x08INITIATE', 'latin1')
export const READY = Buffer.from('\x05READY', 'latin1')
export const ERROR = Buffer.from('\x05ERROR', 'latin1')
export const MESSAGE = Buffer.from('\x07MESSAGE', 'latin1')

export const VERSION = Buffer.of(1, 0)

/** HELLO: version, padding, C', short nonce, Box [64 zeros](C'->S). */
export const HELLO_LENGTH = 200
export const HELLO_AT = { version: 6, padding: 8, clientKey: 80, nonce: 112, box: 120 } as const
export const HELLO_ZEROS = Buffer.alloc(64)

/** WELCOME: long nonce, Box [S' + cookie](S->C'). */
export const WELCOME_LENGTH = 168
export const WELCOME_AT = { nonce: 8, box: 24 } as const

/** Cookie: long nonce, Box [C' + s'](cookie key). */
export const COOKIE_LENGTH = 96
export const COOKIE_AT = { nonce: 0, box: 16 } as const

/** INITIATE: cookie, short nonce, Box [C + vouch + metadata](C'->S'). */
export const INITIATE_LEAST = 257
export const INITIATE_AT = { cookie: 9, nonce: 105, box: 113 } as const
/** In its box: C, the vouch's long nonce, the vouch's Box [C',S](C->S'), metadata. */
export const VOUCHED_AT = { clientKey: 0, nonce: 32, box: 48, metadata: 128 } as const

/** READY: short nonce, Box [metadata](S'->C'). */
export const READY_LEAST = 30
export const READY_AT = { nonce: 6, box: 14 } as const

/** ERROR: the length of its reason, and the reason. */
export const ERROR_LEAST = 7
export const ERROR_AT = { length: 6, reason: 7 } as const
/** The reason of an ERROR for a key that is not admitted, as libzmq gives it on behalf of ZAP (RFC 27). */
export const NOT_ADMITTED = '400'

/** MESSAGE: short nonce, Box [flags + data]. */
export const MESSAGE_LEAST = 33
export const MESSAGE_AT = { nonce: 8, box: 16 } as const

/** The longest command of a handshake that is taken, in bytes: metadata of a bus are a few dozen. */
export const MAX_HANDSHAKE_COMMAND = 4096

/** Bytes of a long nonce, random, and of a short one, which counts. */
export const LONG_NONCE = 16
export const SHORT_NONCE = 8

/** A nonce: the prefix of its command, and the bytes that the command brings. */
export function nonceOf(prefix: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'latin1'), bytes])
}

/** A short nonce of a handshake. */
export function shortNonce(count: number): Buffer {
  const nonce = Buffer.alloc(SHORT_NONCE)
  nonce.writeUInt32BE(count, SHORT_NONCE - 4)
  return nonce
}

/** Whether bytes are a command of this name. */
export function isCommand(bytes: Buffer, name: Buffer): boolean {
  return bytes.length >= name.length && bytes.compare(name, 0, name.length, 0, name.length) === 0
}

/** The name of a command, for people. */
export function nameOf(bytes: Buffer): string {
  const name = [HELLO, WELCOME, INITIATE, READY, ERROR, MESSAGE].find(each => isCommand(bytes, each))
  return name === undefined ? 'an unknown command' : name.toString('latin1', 1)
}
