import type { MessageHandlers } from '../carrier.ts'
import type { Reassembly } from './reassembly.ts'
import type { Turns } from './turns.ts'

export interface DecoderHandlers extends MessageHandlers {
  readonly onCommand: (name: string, body: Buffer) => void
  /** These bytes are not ZMTP, or not what it allows: nothing more is read. */
  readonly onFault: (reason: string) => void
  /** A message's handler is not done; and that the last one is. */
  readonly onPause: () => void
  readonly onResume: () => void
}

export interface DecoderLimits {
  /** The largest frame, in bytes; what has a larger one is no message. */
  readonly maxFrame: number
  /** The largest first frame, in bytes: a topic, or a subscription. A larger one is passed over, and never held. */
  readonly maxFirst: number
  /** Counts what is held of messages that have not come whole, for all connections. */
  readonly reassembly?: Reassembly | undefined
  /** Shares the event loop with other connections. */
  readonly turns?: Turns | undefined
}
