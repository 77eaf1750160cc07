import type { TopicSelection } from '../../core/bus/topic-filter.ts'
import { UsageError } from '../../core/errors.ts'
import { parseEscapes } from '../../core/format/escapes.ts'
import { FORMATS } from '../../core/format/formats.ts'
import { compileTemplate } from '../../core/format/template.ts'
import { TEMPLATE_FIELDS } from '../../core/format/template-fields.ts'
import type { Rotation } from '../../core/sink/rotation.ts'
import { parsePattern } from '../../core/tap/pattern.ts'
import {
  carrierOption,
  type commonOptions,
  maxMessageOption,
  readCodecOption,
  xpubOption,
} from '../shared/command-line/command.ts'
import type { OptionSpecs, Values } from '../shared/command-line/options.ts'
import { type selectionArguments, selectionOptions } from '../shared/selection.ts'
import { expectation } from './expectation.ts'
import { duration, file, oneOf, rate, size, topicOnBus, whole } from '../shared/command-line/values.ts'

const fields = Object.entries(TEMPLATE_FIELDS).map(([letter, { meaning }]) => `%${letter} ${meaning}`)

const endOptions = {
  count: { describe: 'end after this many messages', parse: whole(1), alias: 'c' },
  timeout: {
    describe: 'end after this time in all; exit 4 if --count is not reached by then',
    parse: duration,
    alias: 'W',
  },
  duration: { describe: 'end this long after it is ready', parse: duration },
  idle: { describe: 'end once it is ready and no message has come for this long', parse: duration },
} as const satisfies OptionSpecs

const filterOptions = {
  ...selectionOptions,
  exclude: {
    describe:
      'leave this topic out, or with a * at the end, every topic with this beginning; may be repeated',
    parse: topicOnBus,
    repeat: true,
  },
  'min-size': { describe: 'only payloads of at least this many bytes', parse: size },
  'max-size': { describe: 'only payloads of at most this many bytes', parse: size },
  apid: { describe: 'only space packets of this APID; may be repeated', parse: whole(0, 2047), repeat: true },
  grep: { describe: 'only payloads that contain this: text, or bytes as 0x0801', parse: parsePattern },
  every: { describe: 'show the first of every N messages', parse: whole(1) },
  'max-rate': { describe: 'show at most this many messages a second', parse: rate },
} as const satisfies OptionSpecs

const formOptions = {
  format: {
    describe: `how messages are written: ${FORMATS.join(', ')} (default: as the name of --output ends, else line)`,
    parse: oneOf(...FORMATS),
    alias: 'f',
  },
  template: {
    describe: `write this for each message: ${fields.join(', ')}, %% percent; \\n, \\t, \\0, \\xNN`,
    parse: compileTemplate,
    alias: 'F',
  },
  delimiter: {
    describe:
      'text after each message, with escapes as in a template (default: \\n; nothing for raw, hexdump)',
    parse: parseEscapes,
  },
  null: { describe: 'the same as --delimiter "\\0", for xargs -0', flag: true, alias: '0' },
  ccsds: {
    describe: 'read space packets: show their headers in words, and gaps in their counts',
    flag: true,
  },
  stats: {
    describe: 'show no messages, but a line a second and at the end a table by topic',
    flag: true,
  },
} as const satisfies OptionSpecs

const fileOptions = {
  output: { describe: 'write to this file, which must not exist yet', parse: file, alias: 'o' },
  rotate: {
    describe: 'begin a new file, with the time in its name, after a size (100M) or a duration (10m)',
    parse: rotation,
  },
  force: { describe: 'overwrite the file of --output; write raw or pcapng to a terminal', flag: true },
} as const satisfies OptionSpecs

export const tapOptions = {
  ...formOptions,
  ...endOptions,
  ...filterOptions,
  expect: {
    describe:
      "a condition that must hold at the end, else exit 4: count>=100, 'rate 9..11', apid=0x2A, size=164, payload~0x0801, no-gaps, max-interval<2s; may be repeated",
    parse: expectation,
    repeat: true,
  },
  ...fileOptions,
  ...readCodecOption,
  ...xpubOption,
  ...carrierOption,
  ...maxMessageOption,
} as const satisfies OptionSpecs

export type TapValues = Values<typeof selectionArguments & typeof tapOptions & typeof commonOptions>

/** The delimiter of --delimiter or -0. Undefined for the form's own. */
export function delimiterOf(values: Pick<TapValues, 'delimiter' | 'null'>): Buffer | undefined {
  return values.null ? Buffer.of(0) : values.delimiter
}

/** The topics of --exclude, in the role's form. Undefined without --exclude. */
export function exceptionsOf({ exclude }: Pick<TapValues, 'exclude'>): TopicSelection['except'] {
  if (exclude.length === 0) return undefined
  const starts = exclude.filter(name => name.endsWith('*'))
  return {
    topics: exclude.filter(name => !name.endsWith('*')),
    prefixes: starts.map(name => name.slice(0, -1)),
  }
}

/** `100M` and `64K` are sizes, `10m` and `1h` durations. */
function rotation(text: string): Rotation {
  const [, unit = ''] = /^[\d.]+(\D+)$/.exec(text) ?? []
  const limit = ['K', 'M', 'G'].includes(unit)
    ? size(text)
    : ['ms', 's', 'm', 'h'].includes(unit)
      ? duration(text)
      : 0
  if (limit > 0) return /[KMG]/.test(unit) ? { bytes: limit } : { ms: limit }
  throw new UsageError(`'${text}' is not a size such as 100M, or a duration such as 10m`)
}
