import type { MessageHandlers } from '../carrier.ts'
import type { Reassembly } from './reassembly.ts'
import type { Turns } from './turns.ts'

export interface DecoderHandlers extends MessageHandlers {
  readonly onCommand: (name: string, body: Buffer) => void
  /** These bytes are not ZMTP, or not what it allows: nothing more is read. */
  readonly onFault: (reason: string) => void
  /** The handler of the last message has returned a promise. */
  readonly onPending: (handling: Promise<void>) => void
}

export interface DecoderLimits {
  /** The largest frame, in bytes. A message with a larger one is malformed. */
  readonly maxFrame: number
  /** The largest first frame, in bytes: a topic, or a subscription. A larger one is passed over, and never held. */
  readonly maxFirst: number
  /** Counts the bytes of messages that have not come whole, for all connections. */
  readonly reassembly?: Reassembly | undefined
  /** Shares the event loop with other connections. */
  readonly turns?: Turns | undefined
}
