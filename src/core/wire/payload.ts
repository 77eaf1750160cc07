import { isAnyArrayBuffer } from 'node:util/types'
import { UsageError } from '../errors.ts'
import type { DateTime } from './datetime.ts'

/**
 * A decoded payload. It holds every value of AIT's msgpack and pickle without loss.
 *
 * - An integer is a number if it is safe (up to 2**53 - 1), else a bigint.
 * - A float is a number, but a whole one (and -0.0) is a {@link Float64}, since 1 and 1.0 are two values on the wire.
 * - Bytes are a Uint8Array: a view on the frame, not a copy.
 * - A map is a Map, with keys of any kind in the order of the wire.
 */
export type Payload =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Payload[]
  | Map<Payload, Payload>
  | Float64
  | Tuple
  | DateTime
  | Extension

/**
 * Input of the encoders: any {@link Payload}; a plain object, which becomes a map with text keys; a Date, which becomes
 * a datetime in UTC; an ArrayBuffer, a SharedArrayBuffer or a view on one, which becomes bytes; or an object with
 * `toJSON`, which is replaced by what that returns.
 */
export type PayloadInput =
  | Payload
  | Date
  | ArrayBufferLike
  | ArrayBufferView
  | { toJSON(key: string): unknown }
  | readonly PayloadInput[]
  | ReadonlyMap<PayloadInput, PayloadInput>
  | { readonly [key: string]: PayloadInput }

/**
 * Depth limit of nested lists, tuples and maps, in a frame and in a value. A deeper frame can't be decoded, and a deeper
 * value can't be encoded.
 */
export const MAX_DEPTH = 100

/**
 * Limit of the lists, tuples, maps, extensions, datetimes and pieces of bytes in a frame. A frame with more can't be decoded:
 * each takes up to 200 times the memory of its byte in the frame.
 */
export const MAX_OBJECTS = 1 << 18

/** A float with a whole value: `new Float64(1)` is 1.0 on the wire, where 1 is an integer. */
export class Float64 {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A Python tuple, which is not a list: AIT's ext 1. A packet handler publishes `(packet uid, bytes)`. */
export class Tuple {
  readonly items: readonly Payload[]

  constructor(items: readonly Payload[]) {
    this.items = items
  }
}

/** A msgpack extension other than a tuple or a datetime, such as a type of one's own AIT configuration. It is kept as is. */
export class Extension {
  /** The extension type: -128 to 127, except 1 and 2, which are {@link Tuple} and {@link DateTime}. */
  readonly code: number
  /** The body, as on the wire. */
  readonly data: Uint8Array

  /** @throws {UsageError} if the code is 1 or 2, or does not fit a signed byte. */
  constructor(code: number, data: Uint8Array) {
    if (!isExtensionCode(code)) {
      throw new UsageError(`${code} is not the code of an extension: it is -128 to 127, and neither 1 nor 2`)
    }
    this.code = code
    this.data = data
  }
}

/** Whether an {@link Extension} may have this code. */
export function isExtensionCode(code: unknown): boolean {
  return Number.isInteger(code) && Number(code) >= -128 && Number(code) <= 127 && code !== 1 && code !== 2
}

/** The value of an integer of any size: a number if it is safe, else the bigint. */
export function integer(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** The value of a float: a number, or a {@link Float64} if the number would be taken for an integer. */
export function float(value: number): number | Float64 {
  return Number.isInteger(value) ? new Float64(value) : value
}

/** Names the kind of a payload, in a word for messages: `tuple`, `text`, `integer`. */
export function kindOf(payload: PayloadInput | undefined): string {
  if (payload === null) return 'null'
  if (viewOf(payload) !== undefined) return 'bytes'
  if (Array.isArray(payload)) return 'list'
  if (typeof payload === 'string') return 'text'
  if (typeof payload === 'bigint' || Number.isSafeInteger(payload)) return 'integer'
  if (typeof payload === 'number' || payload instanceof Float64) return 'float'
  if (payload instanceof Map) return 'map'
  if (typeof payload !== 'object') return typeof payload
  const name = payload.constructor?.name
  return name === undefined || name === 'Object' ? 'map' : name.toLowerCase()
}

/**
 * The bytes of a payload outside of the bus, as in a datagram: bytes as they are, text as UTF-8. Undefined for any other
 * payload.
 */
export function bytesOf(payload: PayloadInput): Uint8Array | undefined {
  if (payload instanceof Uint8Array) return payload
  return typeof payload === 'string' ? Buffer.from(payload, 'utf8') : viewOf(payload)
}

/** The bytes of a buffer, or of any view on one, not copied. Undefined for any other value. */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined
}

/** The bytes in the tuple `(packet uid, bytes)`, as AIT's packet handlers publish it. Undefined for any other payload. */
export function unwrap(payload: PayloadInput): Uint8Array | undefined {
  if (!(payload instanceof Tuple) || payload.items.length !== 2) return undefined
  const [uid, bytes] = payload.items
  const isUid = typeof uid === 'bigint' || Number.isInteger(uid)
  return isUid && bytes instanceof Uint8Array ? bytes : undefined
}
