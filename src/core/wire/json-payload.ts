import { DateTime } from './datetime.ts'
import { Float64, integer, Tuple, type Payload } from './payload.ts'

/** A value of JSON, as JSON.parse gives it and JSON.stringify takes it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/**
 * The JSON form of a payload. null, booleans, text, lists, safe integers and floats with a fraction stand for themselves. A
 * map with text keys is an object. Any other value is an object with one key, its tag:
 *
 * | tag | body |
 * | --- | --- |
 * | `$bytes` | base64 |
 * | `$tuple` | a list of the items |
 * | `$datetime` | ISO 8601, as Python's isoformat writes it: no `Z` |
 * | `$int` | the digits of an integer beyond ±(2**53 - 1) |
 * | `$float` | a float that JSON can't tell from an integer, or has no form for: `1.0`, `-0.0`, `1e+300`, `nan`, `inf`, `-inf` |
 * | `$map` | a list of `[key, value]`, for a map that does not fit an object: see {@link fitsObject} |
 * | `$ext` | `[code, base64]`, a msgpack extension that is neither a tuple nor a datetime |
 */
export function payloadToJson(payload: Payload): JsonValue {
  if (payload === null || typeof payload === 'boolean' || typeof payload === 'string') return payload
  if (typeof payload === 'number') return numberToJson(payload)
  if (typeof payload === 'bigint') return integerToJson(integer(payload))
  return objectToJson(payload)
}

function objectToJson(payload: Exclude<Payload, null | boolean | number | bigint | string>): JsonValue {
  if (payload instanceof Uint8Array) return { $bytes: toBase64(payload) }
  if (Array.isArray(payload)) return payload.map(payloadToJson)
  if (payload instanceof Map) return mapToJson(payload)
  if (payload instanceof Tuple) return { $tuple: payload.items.map(payloadToJson) }
  if (payload instanceof Float64) return floatToJson(payload.value)
  if (payload instanceof DateTime) return { $datetime: payload.iso }
  return { $ext: [payload.code, toBase64(payload.data)] }
}

function integerToJson(value: number | bigint): JsonValue {
  return typeof value === 'number' ? value : { $int: String(value) }
}

function numberToJson(value: number): JsonValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : floatToJson(value)
}

function floatToJson(value: number): JsonValue {
  if (Number.isNaN(value)) return { $float: 'nan' }
  if (!Number.isFinite(value)) return { $float: value > 0 ? 'inf' : '-inf' }
  if (!Number.isInteger(value)) return value
  if (Object.is(value, -0)) return { $float: '-0.0' }
  const text = String(value)
  return { $float: text.includes('e') ? text : `${text}.0` }
}

function mapToJson(map: Map<Payload, Payload>): JsonValue {
  if (fitsObject(map))
    return Object.fromEntries(Array.from(map, ([key, value]) => [key, payloadToJson(value)]))
  return { $map: Array.from(map, ([key, value]) => [payloadToJson(key), payloadToJson(value)]) }
}

/**
 * Whether an object holds these keys unchanged: all are text, none reads as a tag, and none is special to JavaScript's
 * objects (`__proto__`, and whole numbers, which they move to the front).
 */
function fitsObject(map: Map<Payload, Payload>): map is Map<string, Payload> {
  for (const key of map.keys()) {
    if (typeof key !== 'string' || /^(?:\$.*|__proto__|\d+)$/su.test(key)) return false
  }
  return true
}

/** Standard base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
