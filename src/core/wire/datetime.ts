import { UsageError } from '../errors.ts'

/**
 * The form that `datetime.fromisoformat` of Python 3.7 to 3.10 reads, and so every AIT server:
 * `YYYY-MM-DD[THH[:MM[:SS[.fff[fff]]]][±HH:MM[:SS[.ffffff]]]]`. It has no `Z`.
 */
const ISO_FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{3}|\d{6}))?)?)?(?:([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.\d{6})?)?)?)?$/

/**
 * A Python `datetime` as AIT encodes it (ext 2): naive or with an offset from UTC, to the microsecond.
 *
 * It keeps the ISO 8601 text of the wire, since a Date holds neither the microseconds nor the offset.
 */
export class DateTime {
  /** ISO 8601, as Python's `isoformat(timespec="microseconds")` writes it: `2026-11-22T12:34:56.789012+00:00`. */
  readonly iso: string

  /** @throws {UsageError} if the text is not of that form, or names a day or an hour that does not exist. */
  constructor(iso: string) {
    if (!isDateTime(iso)) {
      throw new UsageError(`${JSON.stringify(iso.slice(0, 60))} is not a datetime`, {
        hint: 'Write it as 2026-11-22T12:34:56.789012, with +00:00 after it for UTC.',
      })
    }
    this.iso = iso
  }

  /** The same instant, marked as UTC (`+00:00`). */
  static fromDate(date: Date): DateTime {
    return new DateTime(date.toISOString().replace('Z', '000+00:00'))
  }

  /** The instant, cut to the millisecond. A naive datetime counts as UTC, as ground systems mean it. */
  toDate(): Date {
    const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute, offsetSecond] =
      ISO_FORM.exec(this.iso) ?? []
    const date = new Date(0)
    date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
    const offset = seconds(offsetHour, offsetMinute, offsetSecond) * (sign === '-' ? -1 : 1)
    const sinceMidnight = seconds(hour, minute, second) - offset
    return new Date(date.getTime() + sinceMidnight * 1000 + Number((fraction ?? '0').slice(0, 3)))
  }
}

/** Whether {@link DateTime} takes the text: it has the form, and its day and hour exist. */
export function isDateTime(text: string): boolean {
  const match = ISO_FORM.exec(text)
  if (match === null) return false
  const [, year, month, day, hour, minute, second, , , offsetHour, offsetMinute, offsetSecond] = match
  return (
    isDay(Number(year), Number(month), Number(day)) &&
    isTime(hour, minute, second) &&
    isTime(offsetHour, offsetMinute, offsetSecond)
  )
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return day <= days
}

function isTime(hour = '0', minute = '0', second = '0'): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}

function seconds(hour = '0', minute = '0', second = '0'): number {
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second)
}
