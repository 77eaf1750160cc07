import type { SequenceEvent } from '../ccsds/sequence-event.ts'
import type { TappedMessage } from '../tap/message.ts'
import type { ByteBuilder } from './byte-builder.ts'

/** A message as a tap shows it, with facts beyond its frames. */
export interface ShownMessage {
  readonly message: TappedMessage
  /** Position among the messages shown, from 1. */
  readonly number: number
  /** The fault of its sequence count, if these are followed and it has one. */
  readonly finding?: SequenceEvent | undefined
}

/** Writes messages in one form. Called in the order of writing, right before each message is written. */
export interface Formatter {
  /** Adds the beginning of a file. */
  begin?(out: ByteBuilder): void
  /** Adds a message. Returns false if this form can't hold it: a value that is not bytes, in a form of bytes. */
  write(shown: ShownMessage, out: ByteBuilder): boolean
  /** Adds the end of a file. */
  end?(out: ByteBuilder): void
}
