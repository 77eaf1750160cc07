import type { AdmittedKey } from './keys.ts'
import type { MessageKeys } from './message-keys.ts'

/** The result of a handshake: the peer's metadata, the keys of all messages, and on a server the client's key. */
export interface Opened {
  readonly metadata: Buffer
  readonly keys: MessageKeys
  readonly peerKey?: AdmittedKey
}

/** Something that a command of the other side leads to. */
export interface Step {
  /** A command to send. With a fault it is the last one. */
  readonly reply?: Buffer
  /** The handshake is done, once the reply is sent. */
  readonly opened?: Opened
  /** The connection is to be ended, for this reason. */
  readonly fault?: string
  /** The fault lies in the keys: another attempt fares no better until somebody changes them. */
  readonly isDenied?: boolean
}

/** One side of one handshake of CurveZMQ: commands in, commands out. */
export interface CurveRole {
  /** The command to begin with. A server waits. */
  begin(): Buffer | undefined
  /** Takes the next command of the other side. No more follow after a fault, or once it is open. */
  receive(command: Buffer): Step
  /** Why the other side may have hung up at this point of the handshake. */
  readonly hangUp: string | undefined
  /** Wipes the keys of a handshake that is not done. */
  close(): void
}
