import type { MessageHandlers, SubscriptionChange } from '../carrier.ts'
import type { Limit } from '../limits.ts'
import type { HandshakeOptions, HandshakeState } from './handshake.ts'
import type { Reassembly } from './reassembly.ts'
import type { Security } from './security.ts'
import type { Turns } from './turns.ts'

/** Why a connection ended. */
export interface Ending {
  /** The fault lies in the keys of the two sides, or one of them has none. */
  readonly isDenied?: boolean
  /** How far it had come. */
  readonly after: HandshakeState
  /** The breach of ZMTP, or of the rules of its socket's type, by the other side. */
  readonly fault?: string
  /** Why the other side may have hung up in the handshake. */
  readonly hangUp?: string
  /** Nothing came from the other side any more: it did not close the connection. */
  readonly silent?: boolean
  /** The system's error, where it ended in one. */
  readonly error?: NodeJS.ErrnoException
}

/** @typeParam Connection the connection that they are told of */
export interface ConnectionHandlers<Connection> extends MessageHandlers {
  /** The handshake is done. */
  readonly onOpen: (connection: Connection) => void
  readonly onSubscription: (change: SubscriptionChange, connection: Connection) => void
  /** Some of what waited to be written has gone. */
  readonly onWritten: (connection: Connection) => void
  /** Something comes after a long silence: the network was cut off, and is back. Told ahead of what comes. */
  readonly onRevival?: () => void
  /** It is over: the last thing that is told of it. */
  readonly onEnd: (ending: Ending, connection: Connection) => void
}

export interface ConnectionOptions extends HandshakeOptions {
  /** Secures each connection by keys (CURVE). Default: by nothing. */
  readonly security?: Security | undefined
  /** The address of the other side, by which a server judges keys. */
  readonly peer?: string
  readonly maxFrame: number
  /** The largest first frame, in bytes. Default: that of the longest topic. */
  readonly maxFirst?: number
  /** Counts of a broker over all its connections: bytes of incomplete messages here, unsent ones in `queues`. */
  readonly reassembly?: Reassembly
  readonly queues?: Limit
  /** Shares the event loop between a broker's connections. */
  readonly turns?: Turns
}
