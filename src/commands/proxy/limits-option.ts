import { LIMIT_NAMES, type LimitName, type LimitValues } from '../../core/bus/limits.ts'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { size } from '../shared/command-line/values.ts'

const FORM = 'limits such as queues=256M,connections=200'

/**
 * Parses `queues=256M,connections=200`: limits of the proxy by their names; sizes in bytes, `64K`, `8M`.
 * @throws {UsageError} for another form, an unknown name, or 0
 */
export function limits(text: string): LimitValues {
  const values: Partial<Record<LimitName, number>> = {}
  for (const part of text.split(',')) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(part.trim()) ?? invalid(text)
    values[nameOf(name ?? '')] = positive(value ?? '')
  }
  return values
}

function nameOf(word: string): LimitName {
  const name = LIMIT_NAMES.find(name => name === word)
  if (name !== undefined) return name
  throw new UsageError(`'${word}' is not one of ${LIMIT_NAMES.join(', ')}`, didYouMean(word, LIMIT_NAMES))
}

function positive(text: string): number {
  const value = size(text)
  if (value > 0) return value
  throw new UsageError(`'${text}' is not a limit of at least 1`)
}

function invalid(text: string): never {
  throw new UsageError(`'${text}' is not of the form ${FORM}`)
}
