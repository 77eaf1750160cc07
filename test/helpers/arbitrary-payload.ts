import * as fc from 'fast-check'
import { DateTime, isDateTime } from '../../src/core/wire/datetime.ts'
import {
  Extension,
  float,
  integer,
  isExtensionCode,
  Tuple,
  type Payload,
} from '../../src/core/wire/payload.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array))
const text = fc.string({ unit: fc.constantFrom('a', '$', 'é', '✓', '🚀', '\n', '"', '\u2028', '\0') })
const key = fc.oneof(text, fc.constantFrom('__proto__', '1', '0', '$bytes', '', 'constructor', 'toString'))
const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

const dateTime = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date('0001-01-02'), max: new Date('9999-12-30') }),
    fc.nat(999_999),
    fc.option(fc.integer({ min: -1439, max: 1439 })),
  )
  .map(([date, micros, offset]) => {
    const minutes = Math.abs(offset ?? 0)
    const zone = `${(offset ?? 0) < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
    return `${date.toISOString().slice(0, 19)}.${pad(micros, 6)}${offset === null ? '' : zone}`
  })
  .filter(isDateTime)
  .map(iso => new DateTime(iso))

/** Payloads as a decoder returns them: integers of up to 64 bits, whole floats as Float64, and so on at every depth. */
function payloads(code: fc.Arbitrary<number>, keys: (any: fc.Arbitrary<Payload>) => fc.Arbitrary<Payload>) {
  return fc.letrec<{ payload: Payload; scalar: Payload }>(tie => ({
    scalar: fc.oneof(
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(integer),
      fc.double().map(float),
      fc.integer().map(float),
      text,
      bytes,
      dateTime,
      fc.tuple(code, bytes).map(([code, data]) => new Extension(code, data)),
    ),
    payload: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('scalar'),
      fc.array(tie('payload'), { maxLength: 20 }),
      fc.array(tie('payload'), { maxLength: 5 }).map(items => new Tuple(items)),
      fc.array(fc.tuple(key, tie('payload')), { maxLength: 18 }).map(entries => new Map(entries)),
      fc
        .array(fc.tuple(keys(tie('payload')), tie('payload')), { maxLength: 3 })
        .map(entries => new Map(entries)),
    ),
  })).payload
}

const code = fc.integer({ min: -128, max: 127 }).filter(isExtensionCode)

/** Any payload. */
export const arbitraryPayload: fc.Arbitrary<Payload> = payloads(code, any => any)

/**
 * Payloads that Python's msgpack has too: no extension type below 0, and no two keys that are equal in Python, such as
 * 1 and 1.0.
 */
export const payloadForPython: fc.Arbitrary<Payload> = payloads(
  code.filter(code => code >= 0),
  () => fc.oneof(key, fc.integer(), fc.double({ noInteger: true, noNaN: true }), fc.constant(null), dateTime),
)
