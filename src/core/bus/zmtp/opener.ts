import { MESSAGE, MESSAGE_AT, MESSAGE_LEAST, SHORT_NONCE } from '../../security/curve-commands.ts'
import { COUNT_AT, countUp, type MessageKeys } from '../../security/message-keys.ts'
import { HALF_SPACE, MAC_LENGTH, Secret } from '../../security/sodium.ts'
import { COMMAND, LONG, LONG_HEADER, MORE, readLongSize, SHORT_HEADER, writeHeader } from './frame.ts'

/** The flags of a MESSAGE: ZMTP's MORE, and libzmq's own bit for a command, which RFC 26 does not have. */
const INNER_COMMAND = 2
const MAX_INNER_FLAGS = MORE | INNER_COMMAND

/**
 * Opens what a {@link Sealer} at the other end has sealed: MESSAGE commands of CURVE (RFC 26) become frames of ZMTP again.
 *
 * Nonces count up by one, so a message that was sent twice, moved or taken out is noticed.
 */
export class Opener {
  readonly #keys: MessageKeys
  #fault: string | undefined

  constructor(keys: MessageKeys) {
    this.#keys = keys
  }

  /** The fault of a MESSAGE: nothing after it is to be opened. */
  get fault(): string | undefined {
    return this.#fault
  }

  /**
   * Opens whole frames, in place, at most {@link HALF_SPACE} bytes.
   * @returns the frames of ZMTP in the same buffer, up to the first that has a fault
   */
  open(frames: Buffer): Buffer {
    const { sodium, key, received } = this.#keys
    const { heap, module, space } = sodium
    heap.set(frames, space)
    const output = space + HALF_SPACE
    let out = output
    for (let from = space; from < space + frames.length; ) {
      const isLong = ((heap[from] as number) & LONG) !== 0
      const size = isLong ? readLongSize(heap, from + 1) : (heap[from + 1] as number)
      const message = from + (isLong ? LONG_HEADER : SHORT_HEADER)
      if (!this.#isNext(heap, message)) break
      const length = size - MESSAGE_LEAST
      const header = length > 0xff ? LONG_HEADER : SHORT_HEADER
      // The flags of the message come to stand where the last byte of the frame's size goes.
      const plain = out + header - 1
      const box = message + MESSAGE_AT.box
      const opened = module._crypto_secretbox_open_easy(plain, box, length + 1 + MAC_LENGTH, 0, received, key)
      if (opened !== 0 || !this.#flagsAreKnown(heap[plain] as number)) {
        this.#fault ??= 'a MESSAGE that its key does not open'
        break
      }
      writeHeader(heap, out, outerFlags(heap[plain] as number), length)
      out = plain + 1 + length
      from = message + size
    }
    const length = out - output
    frames.set(heap.subarray(output, out))
    return frames.subarray(0, length)
  }

  /** Opens one frame of any size, in place, whose MESSAGE begins at `at`. @returns the frame of ZMTP, or nothing if it has a fault */
  openLarge(frame: Buffer, at: number): Buffer | undefined {
    const { sodium, key, received } = this.#keys
    if (!this.#isNext(sodium.heap, this.#copyHead(frame, at))) return undefined
    const box = sodium.keep(frame.subarray(at + MESSAGE_AT.box))
    const plain = box.at + MAC_LENGTH
    const opened = sodium.module._crypto_secretbox_open_easy(plain, box.at, box.length, 0, received, key)
    const flags = box.bytes[MAC_LENGTH] as number
    if (opened !== 0 || !this.#flagsAreKnown(flags)) {
      this.#fault ??= 'a MESSAGE that its key does not open'
      box.wipe()
      return undefined
    }
    const body = writeHeader(frame, 0, outerFlags(flags), box.length - MAC_LENGTH - 1)
    frame.set(box.bytes.subarray(MAC_LENGTH + 1), body)
    const end = body + box.length - MAC_LENGTH - 1
    box.wipe()
    return frame.subarray(0, end)
  }

  /**
   * Takes the beginning of a MESSAGE that is passed over, as it is too large to be held: up to its first encrypted byte, which is its
   * flags. Nobody vouches for these, or for its size: its box would have to come whole for that. So somebody on the way can have a
   * message counted as too large, rather than take it away; a message is never made of it.
   * @returns the flags of its frame of ZMTP, or nothing if it has a fault
   */
  passOver(head: Buffer): number | undefined {
    const { sodium, key, received } = this.#keys
    if (!this.#isNext(sodium.heap, this.#copyHead(head, 0))) return undefined
    // A byte of zero, sealed, is the byte of the key stream.
    const zero = sodium.keep(Buffer.of(0))
    const stream = new Secret(sodium, MAC_LENGTH + 1)
    sodium.module._crypto_secretbox_easy(stream.at, zero.at, 1, 0, received, key)
    const flags = (head[MESSAGE_AT.box + MAC_LENGTH] as number) ^ (stream.bytes[MAC_LENGTH] as number)
    zero.wipe()
    stream.wipe()
    return this.#flagsAreKnown(flags) ? outerFlags(flags) : undefined
  }

  /** Copies the name and the nonce of a MESSAGE into the space. @returns where they stand */
  #copyHead(bytes: Buffer, at: number): number {
    const { heap, space } = this.#keys.sodium
    heap.set(bytes.subarray(at, at + MESSAGE_AT.box), space)
    return space
  }

  /** Whether a command is a MESSAGE, and the one that is due. */
  #isNext(heap: Buffer, message: number): boolean {
    for (let i = 0; i < MESSAGE.length; i++) {
      if (heap[message + i] === MESSAGE[i]) continue
      this.#fault = 'another command than MESSAGE'
      return false
    }
    const { received } = this.#keys
    countUp(heap, received)
    const [due, count] = [received + COUNT_AT, message + MESSAGE_AT.nonce]
    for (let i = 0; i < SHORT_NONCE; i++) {
      const difference = (heap[count + i] as number) - (heap[due + i] as number)
      if (difference === 0) continue
      this.#fault =
        difference < 0
          ? 'a MESSAGE came twice, or out of turn: its nonce does not rise'
          : 'a MESSAGE is missing: the nonce of the next one is too high'
      return false
    }
    return true
  }

  #flagsAreKnown(flags: number): boolean {
    if (flags > MAX_INNER_FLAGS) this.#fault = 'a MESSAGE with reserved flags'
    return flags <= MAX_INNER_FLAGS
  }
}

function outerFlags(flags: number): number {
  return (flags & MORE) | ((flags & INNER_COMMAND) === 0 ? 0 : COMMAND)
}
