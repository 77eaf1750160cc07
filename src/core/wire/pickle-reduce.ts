import { DateTime, isDateTime } from './datetime.ts'
import { Tuple, type Payload } from './payload.ts'
import { ensure, UNREADABLE } from './pickle-reader.ts'

/** The name after GLOBAL. It is compared with the few names that stand for data, and never resolved. */
export class GlobalName {
  readonly name: string

  constructor(module: string, name: string) {
    this.name = `${module}.${name}`
  }
}

/** `datetime.timedelta`, used for the offset of a time zone. Whole microseconds. */
class TimeDelta {
  readonly microseconds: number

  constructor(microseconds: number) {
    this.microseconds = microseconds
  }
}

/** `datetime.timezone`: its offset from UTC, as isoformat writes it: `+02:00`. */
class TimeZone {
  readonly offset: string

  constructor(offset: string) {
    this.offset = offset
  }
}

/** An item on the stack of a pickle: a payload, or a part of one that is no payload by itself. */
export type StackItem = Payload | GlobalName | TimeDelta | TimeZone

/**
 * The data that a call of this name with these arguments stands for. Python pickles types without an opcode of their own
 * that way. Nothing is called; a name or arguments of any other shape leave the pickle.
 *
 * - bytes, protocols 0 to 2: `_codecs.encode(text, 'latin1')`, and `bytes()` for no bytes
 * - bytearray, protocols 0 to 4: `bytearray(bytes)`, `bytearray(text, 'latin-1')`, `bytearray()`
 * - datetime: `datetime(ten bytes[, timezone])`; Python 2 has text for the bytes
 * - its timezone: `timezone(timedelta(days, seconds, microseconds)[, name])`
 */
export function reduce(callable: StackItem | undefined, args: StackItem | undefined): StackItem {
  ensure(callable instanceof GlobalName && args instanceof Tuple)
  const items: readonly StackItem[] = args.items
  switch (callable.name) {
    case '_codecs.encode':
      ensure(items.length === 2 && (items[1] === 'latin1' || items[1] === 'latin-1'))
      return latin1(items[0])
    case '__builtin__.bytes':
    case 'builtins.bytes':
      ensure(items.length === 0)
      return Buffer.alloc(0)
    case '__builtin__.bytearray':
    case 'builtins.bytearray':
      return byteArray(items)
    case 'datetime.datetime':
      return dateTime(items)
    case 'datetime.timedelta':
      return timeDelta(items)
    case 'datetime.timezone':
      return timeZone(items)
    default:
      throw UNREADABLE
  }
}

function latin1(text: StackItem | undefined): Buffer {
  ensure(typeof text === 'string' && !/[^\0-\xff]/.test(text))
  return Buffer.from(text, 'latin1')
}

function byteArray(items: readonly StackItem[]): Uint8Array {
  const [content, encoding] = items
  if (items.length === 0) return Buffer.alloc(0)
  if (items.length === 2 && encoding === 'latin-1') return latin1(content)
  ensure(items.length === 1 && content instanceof Uint8Array)
  return content
}

/** Reads the ten bytes of `datetime.__reduce__`, big endian: year (2), month, day, hour, minute, second, microsecond (3). */
function dateTime(items: readonly StackItem[]): DateTime {
  const [packed, zone] = items
  const bytes = packed instanceof Uint8Array ? Buffer.from(packed) : latin1(packed)
  ensure(bytes.length === 10 && items.length <= 2 && (items.length === 1 || zone instanceof TimeZone))
  // The month's highest bit marks the second of two equal hours when clocks go back; isoformat does not show it.
  const month = bytes.readUInt8(2) & 0x7f
  const date = [digits(bytes.readUInt16BE(0), 4), digits(month), digits(bytes.readUInt8(3))].join('-')
  const time = [4, 5, 6].map(at => digits(bytes.readUInt8(at))).join(':')
  const offset = zone instanceof TimeZone ? zone.offset : ''
  const iso = `${date}T${time}.${digits(bytes.readUIntBE(7, 3), 6)}${offset}`
  ensure(isDateTime(iso))
  return new DateTime(iso)
}

const SECOND = 1_000_000
const DAY = 86_400 * SECOND

function timeDelta(items: readonly StackItem[]): TimeDelta {
  const [days, seconds, microseconds] = items
  ensure(items.length === 3 && Number.isInteger(days) && Number.isInteger(seconds))
  ensure(Number.isInteger(microseconds))
  return new TimeDelta(Number(days) * DAY + Number(seconds) * SECOND + Number(microseconds))
}

function timeZone(items: readonly StackItem[]): TimeZone {
  const [delta, name] = items
  ensure(delta instanceof TimeDelta && items.length <= 2 && (items.length === 1 || typeof name === 'string'))
  const size = Math.abs(delta.microseconds)
  ensure(size < DAY)
  const seconds = Math.floor(size / SECOND)
  const hourAndMinute = `${digits(Math.floor(seconds / 3600))}:${digits(Math.floor(seconds / 60) % 60)}`
  const second = size % (60 * SECOND) === 0 ? '' : `:${digits(seconds % 60)}`
  const fraction = size % SECOND === 0 ? '' : `.${digits(size % SECOND, 6)}`
  return new TimeZone(`${delta.microseconds < 0 ? '-' : '+'}${hourAndMinute}${second}${fraction}`)
}

function digits(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}
