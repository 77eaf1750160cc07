import { DateTime } from './datetime.ts'
import { Float64, MAX_DEPTH, Tuple, type Payload } from './payload.ts'
import { PickleMachine } from './pickle-machine.ts'
import { Opcode } from './pickle-opcodes.ts'
import { ensure, PickleReader, UNREADABLE } from './pickle-reader.ts'
import { asBuffer } from './utf8.ts'

/** Whether a frame is marked as a pickle of protocol 2 to 5: PROTO at its start and STOP at its end. */
export function looksLikePickle(frame: Uint8Array): boolean {
  const protocol = frame[1] ?? 0
  return frame[0] === Opcode.PROTO && protocol >= 2 && protocol <= 5 && frame.at(-1) === Opcode.STOP
}

/**
 * Reads a pickle of protocol 0 to 5, as AIT 2 puts it on the bus, as data: numbers, text, bytes, None, bool, list, tuple, dict,
 * datetime. Undefined for any other frame, and for a pickle with anything else in it. It never looks up a name in a pickle,
 * let alone calls one.
 *
 * AIT 2 pickles the output of a packet handler, which is a pickle already: bytes that are themselves a pickle are read too.
 */
export function readPickle(frame: Uint8Array): Payload | undefined {
  const payload = readOnce(frame)
  if (!(payload instanceof Uint8Array) || !looksLikePickle(payload)) return payload
  const inner = readOnce(payload)
  return inner === undefined ? payload : inner
}

function readOnce(frame: Uint8Array): Payload | undefined {
  try {
    const value = new PickleMachine(new PickleReader(asBuffer(frame))).run()
    const weight = new Scale(frame.length)
    weight.add(value, 0)
    return value as Payload
  } catch (error) {
    if (error === UNREADABLE) return undefined
    throw error
  }
}

/** Weight limit of the values that a pickle repeats by reference, each written out: characters, bytes and items. */
const MAX_REPEATED = 1 << 20

/**
 * Weighs a value as written out: each reference counts as often as it is used. A pickle of some hundred bytes can stand for
 * more than any memory holds, or for a list that holds itself.
 */
class Scale {
  private left: number

  constructor(frameLength: number) {
    // A value that is not repeated has a byte in the frame for each of its items, characters or bytes.
    this.left = 2 * frameLength + MAX_REPEATED
  }

  /** Throws {@link UNREADABLE} for a value that is too heavy, nested too deep, or not a payload. */
  add(value: unknown, depth: number): void {
    ensure(--this.left >= 0 && depth <= MAX_DEPTH)
    if (typeof value === 'string' || value instanceof Uint8Array) this.left -= value.length
    else if (Array.isArray(value)) this.addAll(value, depth)
    else if (value instanceof Tuple) this.addAll(value.items, depth)
    else if (value instanceof Map) {
      this.addAll(value.keys(), depth)
      this.addAll(value.values(), depth)
    } else ensure(isScalar(value))
  }

  private addAll(values: Iterable<unknown>, depth: number): void {
    ensure(depth < MAX_DEPTH)
    for (const value of values) this.add(value, depth + 1)
  }
}

function isScalar(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true
  return value instanceof Float64 || value instanceof DateTime
}
