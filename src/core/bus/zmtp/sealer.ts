import { MESSAGE, MESSAGE_AT, MESSAGE_LEAST, SHORT_NONCE } from '../../security/curve-commands.ts'
import { COUNT_AT, countUp, type MessageKeys } from '../../security/message-keys.ts'
import { HALF_SPACE, MAC_LENGTH, Secret } from '../../security/sodium.ts'
import { batches } from './batch-pool.ts'
import {
  COMMAND,
  headerLength,
  LONG,
  LONG_HEADER,
  MORE,
  readLongSize,
  SHORT_HEADER,
  writeHeader,
} from './frame.ts'

/** The bit of a command in the flags of a MESSAGE: libzmq's own, as RFC 26 has only MORE. Here, to move ZMTP's there. */
const COMMAND_SHIFT = 1

/** Bytes of a sealed frame whose body has so many. */
function sealedLength(size: number): number {
  return headerLength(size + MESSAGE_LEAST) + size + MESSAGE_LEAST
}

/**
 * Seals frames of ZMTP for one connection: each becomes a MESSAGE of CURVE (RFC 26) in a frame of its own.
 *
 * A batch goes into libsodium's memory in one piece, and comes out in one.
 */
export class Sealer {
  readonly #keys: MessageKeys

  constructor(keys: MessageKeys) {
    this.#keys = keys
  }

  /**
   * Seals whole frames. The order of the calls is that on the wire.
   * @returns the sealed frames, in a buffer of the pool of batches
   */
  seal(frames: Buffer): Buffer {
    const length = sealedLengthOf(frames)
    const sealed = batches.take(length).subarray(0, length)
    for (let at = 0, to = 0; at < frames.length; ) {
      const { end, growth } = group(frames, at)
      if (end - at + growth > HALF_SPACE) this.#sealLarge(frames.subarray(at, end), sealed, to)
      else this.#sealGroup(frames.subarray(at, end), sealed, to)
      to += end - at + growth
      at = end
    }
    return sealed
  }

  #sealGroup(frames: Buffer, into: Buffer, to: number): void {
    const { sodium, key, sent } = this.#keys
    const { heap, module, space } = sodium
    heap.set(frames, space)
    const output = space + HALF_SPACE
    let out = output
    for (let from = space; from < space + frames.length; ) {
      const flags = heap[from] as number
      const isLong = (flags & LONG) !== 0
      const size = isLong ? readLongSize(heap, from + 1) : (heap[from + 1] as number)
      const body = from + (isLong ? LONG_HEADER : SHORT_HEADER)
      const message = beginMessage(heap, out, size + MESSAGE_LEAST)
      countUp(heap, sent)
      heap.copyWithin(message + MESSAGE_AT.nonce, sent + COUNT_AT, sent + COUNT_AT + SHORT_NONCE)
      // The flags of the message take the place of the last byte of the frame's size.
      heap[body - 1] = innerFlags(flags)
      module._crypto_secretbox_easy(message + MESSAGE_AT.box, body - 1, size + 1, 0, sent, key)
      from = body + size
      out = message + MESSAGE_LEAST + size
    }
    into.set(heap.subarray(output, out), to)
  }

  /** Seals one frame that the space is too small for, in place. */
  #sealLarge(frame: Buffer, into: Buffer, to: number): void {
    const { sodium, key, sent } = this.#keys
    const flags = frame[0] as number
    const plain = frame.subarray((flags & LONG) === 0 ? SHORT_HEADER : LONG_HEADER)
    const box = new Secret(sodium, MAC_LENGTH + 1 + plain.length)
    box.bytes[MAC_LENGTH] = innerFlags(flags)
    box.bytes.set(plain, MAC_LENGTH + 1)
    const { heap } = sodium
    countUp(heap, sent)
    sodium.module._crypto_secretbox_easy(box.at, box.at + MAC_LENGTH, plain.length + 1, 0, sent, key)
    const message = beginMessage(into, to, plain.length + MESSAGE_LEAST)
    into.set(heap.subarray(sent + COUNT_AT, sent + COUNT_AT + SHORT_NONCE), message + MESSAGE_AT.nonce)
    into.set(box.bytes, message + MESSAGE_AT.box)
    box.wipe()
  }
}

function innerFlags(flags: number): number {
  return (flags & MORE) | ((flags & COMMAND) >> COMMAND_SHIFT)
}

function frameEnd(frames: Buffer, at: number): number {
  return ((frames[at] as number) & LONG) === 0
    ? at + SHORT_HEADER + (frames[at + 1] as number)
    : at + LONG_HEADER + readLongSize(frames, at + 1)
}

function growthOf(frames: Buffer, at: number, end: number): number {
  const header = ((frames[at] as number) & LONG) === 0 ? SHORT_HEADER : LONG_HEADER
  return sealedLength(end - at - header) - (end - at)
}

function sealedLengthOf(frames: Buffer): number {
  let length = frames.length
  for (let at = 0; at < frames.length; ) {
    const end = frameEnd(frames, at)
    length += growthOf(frames, at, end)
    at = end
  }
  return length
}

/** The frames from `at` on that are sealed together, one at least, and by how much they grow. */
function group(frames: Buffer, at: number): { readonly end: number; readonly growth: number } {
  let end = at
  let growth = 0
  while (end < frames.length) {
    const next = frameEnd(frames, end)
    const more = growthOf(frames, end, next)
    if (end > at && next - at + growth + more > HALF_SPACE) break
    growth += more
    end = next
  }
  return { end, growth }
}

/** Writes the header of a frame, and the name of its MESSAGE. @returns where the MESSAGE begins */
function beginMessage(into: Buffer, at: number, size: number): number {
  const message = writeHeader(into, at, 0, size)
  for (let i = 0; i < MESSAGE.length; i++) into[message + i] = MESSAGE[i] as number
  return message
}
