import { UsageError } from '../errors.ts'

/** Units of time, in nanoseconds. */
const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n

/** The last second written, and its text up to the point. Most messages share it with the one before. */
let lastSecond = Number.NaN
let lastText = ''

/**
 * Formats nanoseconds since 1970 as ISO 8601 in UTC, always with nine digits after the second:
 * `2026-11-22T12:34:56.789012345Z`.
 */
export function formatTime(time: bigint): string {
  return format(time, 1, 9)
}

/** The same, cut to six digits for the eye. */
export function formatMicroseconds(time: bigint): string {
  return format(time, 1_000, 6)
}

function format(time: bigint, unit: number, digits: number): string {
  let second = Number(time / SECOND)
  let nanosecond = Number(time % SECOND)
  if (nanosecond < 0) {
    second -= 1
    nanosecond += 1e9
  }
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4)
    lastSecond = second
  }
  return `${lastText}${String(Math.trunc(nanosecond / unit)).padStart(digits, '0')}Z`
}

/**
 * Parses an ISO 8601 time in UTC, with up to nine digits after the second, into nanoseconds since 1970.
 *
 * @param where The name of this value in errors.
 * @throws {UsageError} if the text is not of that form, or names a day or an hour that does not exist.
 */
export function parseTime(json: unknown, where: string): bigint {
  const match = typeof json === 'string' && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(json)
  const [, toTheSecond = '', fraction = ''] = match || []
  const milliseconds = Date.parse(`${toTheSecond}Z`)
  // Date.parse moves a day that does not exist, such as the 30th of February, into the next month.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(toTheSecond)) {
    throw new UsageError(`${where} is not a time as 2026-11-22T12:34:56.789012345Z`)
  }
  return BigInt(milliseconds) * MILLISECOND + BigInt(fraction.padEnd(9, '0'))
}
