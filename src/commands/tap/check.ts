import { UsageError } from '../../core/errors.ts'
import { SELF_DELIMITING } from '../../core/format/formats.ts'
import { TopicInterest } from '../../core/bus/topic-filter.ts'
import { formNameOf } from './form-name.ts'
import { delimiterOf, exceptionsOf, type TapValues } from './options.ts'

/** @throws {UsageError} for options of a tap that contradict each other */
export function requireConsistent(values: TapValues): void {
  requireOneForm(values)
  requireMessages(values)
  const { rotate, output } = values
  if (rotate !== undefined && (output === undefined || output === '-')) {
    throw new UsageError('--rotate is for the file of --output: name it')
  }
}

/** Checks that messages have one form, and that the form has a place for every option. */
function requireOneForm(values: TapValues): void {
  const { format, template, stats } = values
  if (format !== undefined && template !== undefined)
    throw new UsageError('give --format or --template, not both')
  if (stats && (format !== undefined || template !== undefined)) {
    throw new UsageError('--stats shows no messages: give it without --format and --template')
  }
  if (stats && (values.every !== undefined || values['max-rate'] !== undefined)) {
    throw new UsageError('--stats shows no messages: there is nothing for --every and --max-rate to thin out')
  }
  if (values.delimiter !== undefined && values.null) throw new UsageError('give --delimiter or -0, not both')
  const form = formNameOf(values)
  if (form !== undefined && delimiterOf(values) !== undefined && SELF_DELIMITING.includes(form)) {
    throw new UsageError(`a delimiter has no place in the form ${form}`)
  }
}

/** Checks that a message can pass all filters. */
function requireMessages(values: TapValues): void {
  const { topics, prefix, 'min-size': least, 'max-size': most, 'max-message': limit } = values
  if (least !== undefined && most !== undefined && least > most) {
    throw new UsageError(`--min-size ${least} is over --max-size ${most}: no payload is both`)
  }
  if (least !== undefined && least > limit) {
    throw new UsageError(`--min-size ${least} is over --max-message ${limit}: no such payload is taken in`, {
      hint: 'raise --max-message',
    })
  }
  const interest = new TopicInterest({ topics, prefixes: prefix, except: exceptionsOf(values) })
  if (topics.length > 0 && prefix.length === 0 && !topics.some(topic => interest.wants(topic))) {
    throw new UsageError('--exclude leaves out every TOPIC asked for')
  }
}
