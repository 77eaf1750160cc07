import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import type { TappedMessage } from '../tap/message.ts'
import type { ByteBuilder } from './byte-builder.ts'

/** A message as it goes out of a tap, with what the tap knows of it beyond its frames. */
export interface ShownMessage {
  readonly message: TappedMessage
  /** Which one it is of those that are shown, from 1. */
  readonly number: number
  /** What is wrong with its sequence count, where these are followed and something is. */
  readonly finding?: SequenceEvent | undefined
}

/** Writes messages in one form. It is called in the order in which they are written, right before they are. */
export interface Formatter {
  /** What each file begins with. */
  begin?(out: ByteBuilder): void
  /** Adds a message. False for one that this form has nothing for: a value that is not bytes, in a form made of bytes. */
  write(shown: ShownMessage, out: ByteBuilder): boolean
  /** What each file ends with. */
  end?(out: ByteBuilder): void
}
