// The beginning of a connection of ZMTP 3 (RFC 37): the greeting, and the NULL mechanism's READY.

/** The types of sockets on a bus of publishers and subscribers. */
export type SocketType = 'PUB' | 'XPUB' | 'SUB' | 'XSUB'

/** How far a connection has come: nothing came from the other side, part of its greeting did, or messages may pass. */
export type HandshakeState = 'silence' | 'greeting' | 'open'

/** How a connection is secured: by nothing, or by keys (RFC 26). */
export type Mechanism = 'NULL' | 'CURVE'

/** Why a connection is ended by this side. */
export interface Fault {
  readonly reason: string
  /** The fault lies in the keys: another attempt fares no better until somebody changes them. */
  readonly isDenied?: boolean
}

export interface HandshakeOptions {
  /** The type of socket that this side is. */
  readonly type: SocketType
  /** The types that the other side's socket may have, and a word for them: `a publisher`. */
  readonly peers: readonly SocketType[]
  readonly expected: string
}

export const GREETING_LENGTH = 64

const SIGNATURE_START = 0xff
const SIGNATURE_END = 0x7f
const SIGNATURE_END_AT = 9
const MAJOR_AT = 10
const MINOR_AT = 11
const MECHANISM_AT = 12
const MECHANISM_LENGTH = 20
const AS_SERVER_AT = 32
const MAJOR = 3
const MINOR = 1

/** The greeting of a peer. With keys it also tells whether this is the server that others know the key of. */
export function greetingOf(mechanism: Mechanism, isServer = false): Buffer {
  const greeting = Buffer.alloc(GREETING_LENGTH)
  greeting[0] = SIGNATURE_START
  greeting[SIGNATURE_END_AT] = SIGNATURE_END
  greeting[MAJOR_AT] = MAJOR
  greeting[MINOR_AT] = MINOR
  greeting.write(mechanism, MECHANISM_AT)
  greeting[AS_SERVER_AT] = isServer ? 1 : 0
  return greeting
}

/** The greeting of a peer without security. */
export const GREETING = greetingOf('NULL')

export const NOT_ZMTP = 'it does not speak ZeroMQ (ZMTP 3)'

/** libzmq hangs up as soon as it has read a greeting with other security than its own, and does not send the rest of its own. */
const LEFT_GREETING = 'it left in its greeting, as libzmq does where only one of the two sides has keys'

/** The fault of a peer with an earlier version: its frames differ, and it knows no READY. */
function tooOld(version: string): string {
  return `it speaks ZMTP ${version}; ZMTP 3.0 or later (libzmq 4.0) is needed`
}

/** Returns the first fault of a greeting that may not have come whole, or undefined if it has no fault so far. */
export function greetingFault(bytes: Buffer): string | undefined {
  const wrong = (at: number, is: (byte: number) => boolean) => {
    const byte = bytes[at]
    return byte !== undefined && !is(byte)
  }
  // Without a name, a peer of ZMTP 1.0 begins with a frame that is empty: its length, 1, counts the flags.
  if (bytes[0] === 1 && (bytes[1] ?? 0) === 0) return bytes.length > 1 ? tooOld('1.0') : undefined
  if (wrong(0, byte => byte === SIGNATURE_START)) return NOT_ZMTP
  if (wrong(SIGNATURE_END_AT, byte => byte === SIGNATURE_END)) return NOT_ZMTP
  if (wrong(MAJOR_AT, byte => byte >= MAJOR)) return tooOld(bytes[MAJOR_AT] === 0 ? '1.0' : '2.0')
  return undefined
}

/** Returns why the security that a greeting asks for is not ours, or undefined if it is, or has not come yet. */
export function mechanismFault(greeting: Buffer, ours: Mechanism): Fault | undefined {
  if (greeting.length < MECHANISM_AT + MECHANISM_LENGTH) return undefined
  const theirs = greeting
    .toString('latin1', MECHANISM_AT, MECHANISM_AT + MECHANISM_LENGTH)
    .replace(/\0+$/, '')
  if (theirs === ours) return undefined
  const asked = theirs === 'CURVE' ? 'keys (CURVE)' : `${printable(theirs)} security`
  if (ours === 'NULL') return { reason: `it asks for ${asked}, and this side has none`, isDenied: true }
  const reason =
    theirs === 'NULL'
      ? 'it has no keys, and this side asks for them (CURVE)'
      : `it asks for ${asked}, and this side for keys (CURVE)`
  return { reason, isDenied: true }
}

/** Whether a peer, by its greeting, knows the commands of ZMTP 3.1: PING, SUBSCRIBE. */
export function knowsCommands(greeting: Buffer): boolean {
  return (greeting[MAJOR_AT] ?? 0) > MAJOR || (greeting[MINOR_AT] ?? 0) >= MINOR
}

/** The properties of READY: the type of this socket is the one. */
export function encodeProperties(type: SocketType): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([Buffer.from('\x0bSocket-Type', 'latin1'), length, Buffer.from(type)])
}

/** The body of READY: the name of the command, and its properties. */
export function encodeReady(type: SocketType): Buffer {
  return Buffer.concat([Buffer.from('\x05READY', 'latin1'), encodeProperties(type)])
}

/** The socket type that READY names; undefined where it names none, or is no list of properties. */
export function decodeReady(properties: Buffer): string | undefined {
  for (let at = 0; at < properties.length; ) {
    const nameEnd = at + 1 + (properties[at] ?? 0)
    const valueStart = nameEnd + 4
    if (valueStart > properties.length) return undefined
    const valueEnd = valueStart + properties.readUInt32BE(nameEnd)
    if (valueEnd > properties.length) return undefined
    // Names of properties are case-insensitive.
    if (properties.toString('latin1', at + 1, nameEnd).toLowerCase() === 'socket-type')
      return printable(properties.toString('latin1', valueStart, valueEnd))
    at = valueEnd
  }
  return undefined
}

/** Escapes a stranger's text for a message to the user. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 32)
}

/** The handshake of one connection: the other side's greeting, then its READY. */
export class Handshake {
  readonly #options: HandshakeOptions
  readonly #mechanism: Mechanism
  #greeting: Buffer = Buffer.alloc(0)
  #state: HandshakeState = 'silence'

  constructor(options: HandshakeOptions, mechanism: Mechanism = 'NULL') {
    this.#options = options
    this.#mechanism = mechanism
  }

  get state(): HandshakeState {
    return this.#state
  }

  /** Whether the greeting has come whole. */
  get isGreeted(): boolean {
    return this.#greeting.length === GREETING_LENGTH
  }

  /** Why the other side may have hung up in its greeting. */
  get hangUp(): string | undefined {
    return this.#state === 'greeting' && !this.isGreeted ? LEFT_GREETING : undefined
  }

  /** Whether the other side knows the commands of ZMTP 3.1. */
  get knowsCommands(): boolean {
    return knowsCommands(this.#greeting)
  }

  /** Takes the greeting's part of a chunk. @returns the greeting's fault, or the rest of the chunk */
  greet(chunk: Buffer): { readonly fault?: Fault | undefined; readonly rest: Buffer } {
    const missing = GREETING_LENGTH - this.#greeting.length
    this.#state = 'greeting'
    this.#greeting = Buffer.concat([this.#greeting, chunk.subarray(0, missing)])
    const rest = chunk.subarray(missing)
    const fault = greetingFault(this.#greeting)
    if (fault !== undefined) return { fault: { reason: fault }, rest }
    const mismatch = mechanismFault(this.#greeting, this.#mechanism)
    return { fault: mismatch, rest }
  }

  /** Takes the body of READY, and is open where it has no fault. @returns the fault */
  ready(body: Buffer): string | undefined {
    const type = decodeReady(body)
    if (type === undefined) return NOT_ZMTP
    const { peers, expected } = this.#options
    if (!peers.includes(type as SocketType)) return `it is of type ${type}, and not ${expected}`
    this.#state = 'open'
    return undefined
  }
}
