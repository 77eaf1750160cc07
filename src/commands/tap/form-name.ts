import { UsageError } from '../../core/errors.ts'
import type { FormatName } from '../../core/format/formats.ts'
import { formOfFile } from '../shared/form-of-file.ts'
import type { TapValues } from './options.ts'

type FormValues = Pick<TapValues, 'format' | 'template' | 'stats' | 'output'>

/** Whether messages go to standard output, and not to a file. */
export function isStdout({ output }: Pick<TapValues, 'output'>): boolean {
  return output === undefined || output === '-'
}

/**
 * The form of the messages: --format, else by the ending of the file's name, else lines. Undefined if a template or the
 * statistics are written instead.
 * @throws {UsageError} for a file's form that tap can't write
 */
export function formNameOf(values: FormValues): FormatName | undefined {
  if (values.template !== undefined || values.stats) return undefined
  return values.format ?? formOfOutput(values) ?? 'line'
}

/** Whether the form is lines only by default. */
export function isFormGuessed(values: FormValues): boolean {
  const isLine = values.format === undefined && formNameOf(values) === 'line'
  return isLine && !isStdout(values) && formOfOutput(values) === undefined
}

function formOfOutput({ output }: Pick<TapValues, 'output'>): FormatName | undefined {
  if (output === undefined || output === '-') return undefined
  const form = formOfFile(output)
  if (form !== 'pcap') return form
  throw new UsageError(`tap does not write pcap, as '${output}' would be: it writes pcapng`, {
    hint: 'name the file .pcapng, or say with -f what is to be in it',
  })
}
