import { UsageError } from '../errors.ts'

/**
 * The CCSDS day segmented time code, CDS: CCSDS 301.0-B-4, section 3.3.
 *
 * Only the T-field is written and read: eight octets, big endian. Both sides know the form beforehand, so no P-field
 * precedes it. The T-field holds 16 bits of days since 1958-01-01, 32 bits of milliseconds of the day, 16 bits of
 * microseconds of the millisecond. Its P-field would be 0x41: code 100, CCSDS epoch, 16-bit day, 16-bit submillisecond.
 */

/** Octets of the T-field. */
export const CDS_TIME_LENGTH = 8

/** Days from the CCSDS epoch, 1958-01-01, to the Unix epoch. */
const EPOCH_DAYS = 4383
const MAX_DAY = 0xffff
const MICROSECONDS_PER_DAY = 86_400_000_000

/**
 * Writes `time` as a CDS time code of eight octets into `into` at `offset`.
 *
 * @param time nanoseconds since 1970-01-01T00:00:00Z, cut to the microsecond. It has no leap seconds, and so neither
 *   has the code: a day always has 86,400,000 ms.
 * @throws {UsageError} for a time that 16 bits of days can't hold: before 1958-01-01, or after 2137-06-06
 */
export function writeCdsTime(into: Uint8Array, offset: number, time: bigint): void {
  // Whole microseconds fit a double until the year 2255, so one bigint division is enough.
  const microseconds = Number(time / 1000n) - (time < 0n && time % 1000n !== 0n ? 1 : 0)
  const unixDay = Math.floor(microseconds / MICROSECONDS_PER_DAY)
  const day = unixDay + EPOCH_DAYS
  if (day < 0 || day > MAX_DAY) {
    throw new UsageError(
      `a CDS time code reaches from 1958-01-01 to 2137-06-06, not to ${time} ns of Unix time`,
    )
  }
  const ofDay = microseconds - unixDay * MICROSECONDS_PER_DAY
  const milliseconds = Math.floor(ofDay / 1000)
  const submilliseconds = ofDay - milliseconds * 1000
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength)
  view.setUint16(offset, day)
  view.setUint32(offset + 2, milliseconds)
  view.setUint16(offset + 6, submilliseconds)
}

/**
 * Reads a CDS time code of eight octets at `offset` in `bytes`, the inverse of {@link writeCdsTime}.
 *
 * @param offset default 6: a time stamp at the start of a packet's secondary header
 * @returns nanoseconds since 1970-01-01T00:00:00Z. Undefined for fewer than eight octets, and for values outside this
 *   code: a millisecond of the day past the end of a leap second, or a microsecond over 999.
 */
export function readCdsTime(bytes: Uint8Array, offset = 6): bigint | undefined {
  if (bytes.length < offset + CDS_TIME_LENGTH) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const milliseconds = view.getUint32(offset + 2)
  const submilliseconds = view.getUint16(offset + 6)
  if (milliseconds > 86_400_999 || submilliseconds > 999) return undefined
  const unixDay = view.getUint16(offset) - EPOCH_DAYS
  return BigInt(unixDay * MICROSECONDS_PER_DAY + milliseconds * 1000 + submilliseconds) * 1000n
}
