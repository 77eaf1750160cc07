import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import type { TappedMessage } from '../tap/message.ts'
import type { ByteBuilder } from './byte-builder.ts'

/** A message as it goes out of a tap, with what the tap knows of it beyond its frames. */
export interface ShownMessage {
  readonly message: TappedMessage
  /** Which one it is of those that are shown, from 1. */
  readonly number: number
  /** The fault of its sequence count, if these are followed and it has one. */
  readonly finding?: SequenceEvent | undefined
}

/** Writes messages in one form. It is called in the order in which they are written, right before they are. */
export interface Formatter {
  /** Adds the beginning of a file. */
  begin?(out: ByteBuilder): void
  /** Adds a message. False for one that this form has nothing for: a value that is not bytes, in a form made of bytes. */
  write(shown: ShownMessage, out: ByteBuilder): boolean
  /** Adds the end of a file. */
  end?(out: ByteBuilder): void
}
