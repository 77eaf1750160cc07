import { UsageError } from '../errors.ts'
import { DateTime, isDateTime } from './datetime.ts'
import { Extension, float, integer, isExtensionCode, MAX_DEPTH, Tuple, type Payload } from './payload.ts'
import { isWellFormed } from './utf8.ts'

/** Limit of an integer, in digits: far more than msgpack can carry, and still quick to read. */
const MAX_DIGITS = 2500

/**
 * The payload that a JSON value stands for, written by `payloadToJson` or by hand: a `Z` at the end of a datetime is read as
 * `+00:00`.
 *
 * @param json Result of JSON.parse.
 * @param where The name of this value in errors, as in `payload.items[2].$bytes`.
 * @throws {UsageError} for an unknown tag, a tag with a malformed body, a number that JSON.parse had to round,
 *   text with half of a surrogate pair, nesting over {@link MAX_DEPTH}.
 */
export function payloadFromJson(json: unknown, where = 'payload'): Payload {
  return read(json, where, 0)
}

function read(json: unknown, where: string, depth: number): Payload {
  if (json === null || typeof json === 'boolean') return json
  if (typeof json === 'string') return readText(json, where)
  if (typeof json === 'number') return readNumber(json, where)
  if (Array.isArray(json)) return readList(json, where, depth)
  if (typeof json !== 'object') throw new UsageError(`${where} is a ${typeof json}, which JSON does not have`)
  const keys = Object.keys(json)
  const tag = keys.find(key => key.startsWith('$'))
  if (tag === undefined) return readObject(json, where, depth)
  const readTag = tags.get(tag)
  if (readTag === undefined || keys.length > 1) {
    throw new UsageError(
      `${where} has the key ${JSON.stringify(tag)}, which is no tag that stands alone there`,
      {
        hint: `The tags are ${[...tags.keys()].join(', ')}; a map with such a key is written as $map.`,
      },
    )
  }
  return readTag((json as Record<string, unknown>)[tag], `${where}.${tag}`, depth)
}

type ReadTag = (body: unknown, where: string, depth: number) => Payload

const tags: ReadonlyMap<string, ReadTag> = new Map<string, ReadTag>([
  ['$bytes', (body, where) => readBase64(body, where)],
  ['$tuple', (body, where, depth) => new Tuple(readList(list(body, where), where, depth))],
  ['$datetime', readDateTime],
  ['$int', readInteger],
  ['$float', readFloat],
  ['$map', readMap],
  ['$ext', readExtension],
])

/** Text that a frame can hold. */
export function readText(json: unknown, where: string): string {
  if (typeof json !== 'string') throw new UsageError(`${where} is not text`)
  if (!isWellFormed(json))
    throw new UsageError(`${where} has half of a surrogate pair, which has no UTF-8 form`)
  return json
}

/** Decodes base64: standard alphabet, padded, with nothing in between. */
export function readBase64(json: unknown, where: string): Buffer {
  const bytes = typeof json === 'string' ? Buffer.from(json, 'base64') : undefined
  if (bytes === undefined || bytes.toString('base64') !== json) throw new UsageError(`${where} is not base64`)
  return bytes
}

function readNumber(json: number, where: string): number {
  if (Number.isInteger(json) && !Number.isSafeInteger(json)) {
    throw new UsageError(`${where} is a number over 2**53, which JSON rounds`, {
      hint: 'Write {"$int": "18446744073709551615"} for an integer, {"$float": "1e300"} for a float.',
    })
  }
  return json === 0 ? 0 : json // JSON's -0 is an integer too
}

function readList(json: readonly unknown[], where: string, depth: number): Payload[] {
  const inner = deeper(depth)
  return json.map((item, index) => read(item, `${where}[${index}]`, inner))
}

function readObject(json: object, where: string, depth: number): Payload {
  const inner = deeper(depth)
  const map = new Map<Payload, Payload>()
  for (const [key, value] of Object.entries(json)) {
    map.set(readText(key, `a key of ${where}`), read(value, `${where}.${key}`, inner))
  }
  return map
}

function readMap(body: unknown, where: string, depth: number): Payload {
  const inner = deeper(depth)
  const map = new Map<Payload, Payload>()
  for (const [index, entry] of list(body, where).entries()) {
    const at = `${where}[${index}]`
    const pair = list(entry, at)
    if (pair.length !== 2) throw new UsageError(`${at} is not [key, value]`)
    map.set(read(pair[0], `${at}[0]`, inner), read(pair[1], `${at}[1]`, inner))
  }
  return map
}

function readDateTime(body: unknown, where: string): Payload {
  const iso = typeof body === 'string' ? body.replace(/Z$/, '+00:00') : ''
  if (isDateTime(iso)) return new DateTime(iso)
  throw new UsageError(`${where} is not a datetime`, {
    hint: 'Write it as 2026-11-22T12:34:56.789012, with +00:00 after it for UTC.',
  })
}

function readInteger(body: unknown, where: string): Payload {
  if (typeof body === 'string' && body.length <= MAX_DIGITS && /^-?\d+$/.test(body))
    return integer(BigInt(body))
  throw new UsageError(`${where} is not the digits of an integer in quotes`)
}

function readFloat(body: unknown, where: string): Payload {
  const match =
    typeof body === 'string' && /^([+-]?)(?:(nan)|(inf)|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(body)
  if (!match) throw new UsageError(`${where} is not a float in quotes: 1.0, 1e300, nan, inf or -inf`)
  const [text, sign, nan, infinity] = match
  if (nan !== undefined) return Number.NaN
  if (infinity !== undefined) return sign === '-' ? -Infinity : Infinity
  return float(Number(text))
}

function readExtension(body: unknown, where: string): Payload {
  const [code, data] = list(body, where)
  if (!isExtensionCode(code)) {
    throw new UsageError(
      `${where}[0] is not the code of an extension: it is -128 to 127, and neither 1 nor 2`,
    )
  }
  return new Extension(Number(code), readBase64(data, `${where}[1]`))
}

/** The depth of the items of a list, a tuple or a map. */
function deeper(depth: number): number {
  if (depth < MAX_DEPTH) return depth + 1
  throw new UsageError(`the payload is nested over ${MAX_DEPTH} levels`)
}

function list(json: unknown, where: string): readonly unknown[] {
  if (Array.isArray(json)) return json
  throw new UsageError(`${where} is not a list`)
}
