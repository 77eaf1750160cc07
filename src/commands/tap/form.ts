import { GroundwireError, UsageError } from '../../core/errors.ts'
import type { Formatter } from '../../core/format/formatter.ts'
import { type FormatName, followedBy, formatterOf } from '../../core/format/formats.ts'
import { sinkOf } from '../../core/sink/descriptor-sink.ts'
import { openSink } from '../../core/sink/file-sink.ts'
import { StreamSink } from '../../core/sink/stream-sink.ts'
import type { RecorderOptions } from '../../core/tap/recorder.ts'
import { lineStyle } from '../shared/terminal/line-style.ts'
import type { Session } from '../shared/session.ts'
import { requireStandardOutput } from '../shared/terminal/standard-output.ts'
import { formNameOf, isFormGuessed, isStdout } from './form-name.ts'
import { delimiterOf, type TapValues } from './options.ts'

const NEWLINE = Buffer.from('\n')

/** The forms that can show the findings of sequence counts. */
const TELLING: ReadonlySet<FormatName> = new Set(['line', 'hexdump', 'json', 'pcapng'])

/** The form of the messages. */
export interface Form {
  readonly formatter: Formatter
  /** Its name, for messages. */
  readonly name: string
  /** It shows the findings of sequence counts. */
  readonly tellsFindings: boolean
}

/**
 * The form that the options ask for.
 * @param dropped by topic, the messages dropped for a slow reader
 * @param table the table of --stats
 */
export function formOf(
  values: TapValues,
  { io }: Session,
  dropped: Map<string, number>,
  table: () => string,
): Form {
  const { template, ccsds } = values
  const delimiter = delimiterOf(values)
  if (values.stats) {
    const formatter: Formatter = { write: () => true, end: out => out.text(table()) }
    return { formatter, name: '--stats', tellsFindings: true }
  }
  if (template !== undefined) {
    const end = delimiter ?? (template.endsInEscape ? undefined : NEWLINE)
    const formatter = end === undefined ? template.formatter : followedBy(template.formatter, end)
    return { formatter, name: 'template', tellsFindings: false }
  }
  const name = formNameOf(values) ?? 'line'
  const style = isStdout(values) ? lineStyle(io, values.color) : undefined
  const formatter = formatterOf(name, { delimiter, ccsds, style, dropped })
  return { formatter, name, tellsFindings: TELLING.has(name) }
}

/**
 * Returns a function that opens the destination of the messages.
 *
 * That function rejects with EXISTS, and with IO for a file that can't be opened.
 * @param onWait called for a named pipe that has no reader yet
 * @throws {UsageError} for a binary form on a terminal
 * @throws {GroundwireError} IO, for a closed standard output
 */
export function sinkOpener(
  values: TapValues,
  { io, terminal }: Session,
  onWait: (path: string) => void,
): RecorderOptions['openSink'] {
  const { output, rotate, force, format } = values
  if (output !== undefined && !isStdout(values)) {
    return async ({ signal }) => {
      const onOpen = (path: string) => terminal.detail(`writing to ${path}`)
      const options = { rotation: rotate, force, signal, onWait, onOpen }
      const sink = await openSink(output, options).catch(suggestForce)
      if (isFormGuessed(values)) terminal.info(`writing lines of text to ${output}; -f chooses another form`)
      return sink
    }
  }
  if (io.stdout.isTTY && (format === 'raw' || format === 'pcapng') && !force) {
    throw new UsageError(`${format} is binary, and standard output is a terminal`, {
      hint: 'name a file with -o, or give it a pipe; --force writes it to the terminal',
    })
  }
  if (format !== 'none') requireStandardOutput(io)
  const descriptor = 'fd' in io.stdout && typeof io.stdout.fd === 'number' ? io.stdout.fd : undefined
  return async () =>
    descriptor === undefined
      ? new StreamSink(io.stdout, 'standard output')
      : sinkOf(descriptor, 'standard output')
}

function suggestForce(error: unknown): never {
  if (!(error instanceof GroundwireError) || error.code !== 'EXISTS') throw error
  throw new GroundwireError('EXISTS', error.message, { hint: '--force overwrites it', cause: error })
}
