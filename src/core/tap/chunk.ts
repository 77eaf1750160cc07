import { GroundwireError } from '../errors.ts'
import { ByteBuilder } from '../format/byte-builder.ts'
import type { Formatter, ShownMessage } from '../format/formatter.ts'

/** Messages in their form, for one write, and the account of each. Its memory is used again and again. */
export class Chunk {
  readonly #out = new ByteBuilder()
  #messages = 0
  #payloadBytes = 0
  // Of each message: the size of its payload, its topic, and its end in the chunk. Entries beyond `messages` are left over.
  readonly #sizes: number[] = []
  readonly #topics: string[] = []
  readonly #ends: number[] = []

  /** Its length, in bytes. */
  get length(): number {
    return this.#out.length
  }

  /** The number of its messages. */
  get messages(): number {
    return this.#messages
  }

  /** The sum of the sizes of their payloads. */
  get payloadBytes(): number {
    return this.#payloadBytes
  }

  get topics(): readonly string[] {
    return this.#topics.slice(0, this.#messages)
  }

  /** Its bytes: a view that holds until it is cleared. */
  view(): Buffer {
    return this.#out.view()
  }

  /** Adds a message. @returns why it has no form here; undefined if it was added */
  add(shown: ShownMessage, formatter: Formatter): string | undefined {
    const reason = this.#format(shown, formatter)
    if (reason !== undefined) return reason
    const at = this.#messages
    const { size, topic } = shown.message
    this.#sizes[at] = size
    this.#topics[at] = topic
    this.#ends[at] = this.#out.length
    this.#payloadBytes += size
    this.#messages = at + 1
    return undefined
  }

  /** Adds the beginning or the end of a form, which is no message. */
  addFrame(write: ((out: ByteBuilder) => void) | undefined): void {
    write?.(this.#out)
  }

  /** Keeps only the messages that are whole within so many bytes. @returns the end of the last one */
  cutTo(bytes: number): number {
    while (this.#messages > 0 && (this.#ends[this.#messages - 1] ?? 0) > bytes) {
      this.#messages -= 1
      this.#payloadBytes -= this.#sizes[this.#messages] ?? 0
    }
    return this.#messages === 0 ? 0 : (this.#ends[this.#messages - 1] ?? 0)
  }

  clear(): void {
    this.#out.clear()
    this.#messages = 0
    this.#payloadBytes = 0
  }

  #format(shown: ShownMessage, formatter: Formatter): string | undefined {
    const start = this.#out.length
    try {
      if (formatter.write(shown, this.#out)) return undefined
      this.#out.truncate(start)
      return 'it is neither bytes nor text'
    } catch (error) {
      this.#out.truncate(start)
      if (error instanceof GroundwireError) return error.message
      throw error
    }
  }
}
