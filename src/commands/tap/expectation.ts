import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { between, type Bounds, type Comparison, comparedTo } from '../../core/tap/bounds.ts'
import {
  type Expectation,
  expectApid,
  expectCount,
  expectInterval,
  expectNoGaps,
  expectPayload,
  expectRate,
  expectSize,
  type Quantity,
} from '../../core/tap/expectation.ts'
import { parsePattern } from '../../core/tap/pattern.ts'
import { decimal, duration, invalid, size, whole } from '../shared/command-line/values.ts'

const SUBJECTS = ['count', 'rate', 'apid', 'size', 'payload', 'no-gaps', 'max-interval', 'some']

const FORM =
  "an expectation such as count>=100, 'rate 9..11', apid=0x2A, size=164, payload~0x0801, no-gaps or max-interval<2s"

/**
 * Reads an expectation. A condition on messages (apid, size, payload) holds for all of them, and after the word `some` for at
 * least one.
 * @throws {UsageError} if the text is not an expectation
 */
export function expectation(text: string): Expectation {
  const [, some, subject = '', comparison, value = ''] =
    /^\s*(some\s+)?([a-z-]+)\s*(>=|<=|=|<|>|~)?\s*(.*?)\s*$/su.exec(text) ?? fail(text)
  const quantity: Quantity = some === undefined ? 'all' : 'some'
  const bounds = (number: (text: string) => number) => readBounds(text, comparison, value, number)
  switch (subject) {
    case 'size':
      return expectSize(text, quantity, bounds(size))
    case 'apid':
      return expectApid(text, quantity, bounds(whole(0, 2047)))
    case 'payload':
      return comparison === '~' ? expectPayload(text, quantity, parsePattern(value)) : fail(text)
  }
  if (some !== undefined) fail(text, 'after some comes apid, size or payload')
  switch (subject) {
    case 'count':
      return expectCount(text, bounds(whole(0)))
    case 'rate':
      return expectRate(text, bounds(messagesASecond))
    case 'max-interval':
      return expectInterval(
        text,
        bounds(value => duration(value) / 1000),
      )
    case 'no-gaps':
      return comparison === undefined && value === '' ? expectNoGaps(text) : fail(text)
    default:
      return unknown(text, subject)
  }
}

/** `>=100` and the like, or `9..11`. */
function readBounds(
  text: string,
  comparison: string | undefined,
  value: string,
  number: (text: string) => number,
): Bounds {
  const range = /^(\S+?)\s*\.\.\s*(\S+)$/.exec(value)
  if (range !== null && (comparison === undefined || comparison === '=')) {
    const [, least = '', most = ''] = range
    const [from, to] = [number(least), number(most)]
    return from <= to ? between(from, to) : fail(text, `${least} is over ${most}`)
  }
  if (comparison === undefined || comparison === '~' || value === '') return fail(text)
  return comparedTo(comparison as Comparison, number(value))
}

function messagesASecond(text: string): number {
  const value = decimal(text)
  return Number.isNaN(value) ? invalid(text, 'a number of messages a second') : value
}

function unknown(text: string, subject: string): never {
  throw new UsageError(`'${text}' is not ${FORM}`, didYouMean(subject, SUBJECTS))
}

function fail(text: string, why?: string): never {
  throw new UsageError(`'${text}' is not ${FORM}${why === undefined ? '' : `: ${why}`}`)
}
