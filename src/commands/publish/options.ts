import { parseHex } from '../../core/hex.ts'
import { type GroundwireError, UsageError } from '../../core/errors.ts'
import type { Framing } from '../../core/framing/framing.ts'
import { payloadFromJson, readBase64 } from '../../core/wire/payload-from-json.ts'
import type { Payload } from '../../core/wire/payload.ts'
import { formOfFile } from '../shared/form-of-file.ts'
import { carrierOption, maxMessageOption, xpubOption, xsubOption } from '../shared/command-line/command.ts'
import type { OptionSpecs, Values } from '../shared/command-line/options.ts'
import {
  completing,
  duration,
  file,
  invalid,
  oneOf,
  rate,
  size,
  text,
  time,
  topicOnBus,
  whole,
} from '../shared/command-line/values.ts'

const SPLITS = ['lines', 'nul', 'ccsds', 'none'] as const

export const publishArguments = {
  topic: {
    describe: "the topic to publish to; - with --format, for each message's own topic",
    parse: topicOnBus,
    required: true,
  },
  message: { describe: 'the message: text, as bytes; without it, --file or standard input', parse: text },
} as const satisfies OptionSpecs

export const publishOptions = {
  text: { describe: 'the message, as text that stays text on the bus (a msgpack string)', parse: text },
  hex: { describe: 'the message, as hexadecimal digits', parse: parseHex },
  base64: { describe: 'the message, as base64', parse: value => readBase64(value, `'${value}'`) },
  json: { describe: 'the message, as a JSON value: {"$bytes": base64} and the like', parse: jsonValue },
  file: { describe: 'a file with the message, or with many; - is standard input', parse: file },
  split: {
    describe:
      'split the input into messages: lines, nul, ccsds (space packets), or a SIZE of each; none for one (default)',
    parse: completing(SPLITS, split),
  },
  format: {
    describe:
      'the form of an input that tap wrote: json or pcapng (a classic pcap, too); default: by the ending of --file, if that is .pcapng or .pcap, or if TOPIC is -',
    parse: oneOf('json', 'pcapng'),
    alias: 'f',
  },
  rate: {
    describe:
      "messages a second, or 'max' for as fast as the proxy takes them; default: a stream goes as fast as its subscribers take it",
    parse: rate,
  },
  interval: {
    describe: 'the time from one message to the next, instead of --rate; it does not catch up after a delay',
    parse: time,
  },
  repeat: {
    describe: "how often the message or the file is sent, or 'forever'",
    parse: completing(['forever'], times),
    default: '1',
  },
  expand: {
    describe: 'in a text, %{n} is the number of the message and %{time} the time in UTC',
    flag: true,
  },
  codec: {
    describe: 'how payloads are written: msgpack as AIT 3 does, or raw; default msgpack, or as --format says',
    parse: oneOf('msgpack', 'raw'),
  },
  uid: {
    describe: "publish the tuple (UID, bytes), as AIT's packet handlers do for the packet of that number",
    parse: whole(0),
  },
  wait: {
    describe: 'how long to wait for a subscriber of the topic, and for the echo of --confirm',
    parse: duration,
    default: '5s',
    alias: 'w',
  },
  exact: { describe: 'do not wait for a subscriber that asked for everything', flag: true },
  confirm: {
    describe: 'exit 4 unless the echoes of all messages show that they passed the proxy',
    flag: true,
  },
  'dry-run': {
    describe: 'print the two frames of each message in hexadecimal, and send nothing',
    flag: true,
    alias: 'n',
  },
  ...xsubOption,
  ...xpubOption,
  ...carrierOption,
  ...maxMessageOption,
} as const satisfies OptionSpecs

export type PublishValues = Values<typeof publishArguments & typeof publishOptions>

/** Options that each give the message, or its place. */
const SOURCES = {
  message: 'MESSAGE',
  text: '--text',
  hex: '--hex',
  base64: '--base64',
  json: '--json',
} as const

/** Whether the message is on the command line. */
export function isGiven(values: PublishValues): boolean {
  return Object.keys(SOURCES).some(name => values[name as keyof typeof SOURCES] !== undefined)
}

/**
 * The form of an input that holds messages with their topics: --format, else by the ending of the file's name. A capture
 * always holds such messages; JSON may be a single message, unless its topics are asked for.
 */
export function inputFormat({ format, split, file, topic }: PublishValues): 'json' | 'pcapng' | undefined {
  if (format !== undefined || split !== undefined || file === undefined) return format
  const form = formOfFile(file)
  if (form === 'pcapng' || form === 'pcap') return 'pcapng'
  return form === 'json' && topic === '-' ? 'json' : undefined
}

/** @throws {UsageError} for options that don't go together */
export function checkTogether(values: PublishValues): void {
  const { split = 'none', repeat, file } = values
  const format = inputFormat(values)
  const sources = Object.entries({ ...SOURCES, file: '--file' }).filter(
    ([name]) => values[name as keyof typeof SOURCES | 'file'] !== undefined,
  )
  if (sources.length > 1)
    refuse(`${sources.map(([, label]) => label).join(' and ')} are each a message: give one`)
  if (split !== 'none' && format !== undefined)
    refuse('--split and --format both say where a message ends: give one')
  if (isGiven(values) && split !== 'none')
    refuse(`--split is for an input, and ${sources[0]?.[1]} is a message`)
  if (isGiven(values) && format !== undefined)
    refuse(`--format is for an input, and ${sources[0]?.[1]} is a message`)
  if (values.topic === '-' && format === undefined)
    refuse(
      "TOPIC - stands for each message's own topic, which needs --format, or a file named .pcapng or .json",
    )
  if (values.interval !== undefined && values.rate !== undefined && Number.isFinite(values.rate))
    refuse('--rate and --interval both say how fast: give one')
  if (values.uid !== undefined && values.codec === 'raw')
    refuse('--uid makes a tuple, which --codec raw has no form for')
  const isText = values.message !== undefined || values.text !== undefined
  const isTextInput =
    !isGiven(values) && format === undefined && typeof split === 'string' && split !== 'ccsds'
  if (values.expand && !isText && !isTextInput) refuse('--expand is for text')
  if (repeat > 1 && !isGiven(values) && (file === undefined || file === '-')) {
    if (split !== 'none' || format !== undefined)
      refuse("--repeat needs a file: standard input can't be read twice")
  }
}

/** The hint of an error about a message. Core names the limit; the hint names the option that raises it. */
export function hintOf({ code, hint }: GroundwireError, values: PublishValues): string | undefined {
  if (code !== 'OVERSIZE') return hint
  const isWhole = !isGiven(values) && (values.split ?? 'none') === 'none' && inputFormat(values) === undefined
  return isWhole
    ? 'raise --max-message, or make many messages of the input with --split'
    : 'raise --max-message'
}

function refuse(sentence: string): never {
  throw new UsageError(sentence, { hint: 'see groundwire publish --help' })
}

function jsonValue(value: string): Payload {
  let json: unknown
  try {
    json = JSON.parse(value)
  } catch (cause) {
    throw new UsageError(`'${value}' is not JSON: ${(cause as Error).message}`, { cause })
  }
  return payloadFromJson(json, 'the value')
}

function split(value: string): Framing | 'none' {
  const word = SPLITS.find(name => name === value)
  if (word !== undefined) return word
  const bytes = /^\d/.test(value) ? size(value) : 0
  return bytes > 0
    ? bytes
    : invalid(value, 'one of lines, nul, ccsds and none, or a size such as 512 or 64K', SPLITS)
}

function times(value: string): number {
  if (value === 'forever') return Number.POSITIVE_INFINITY
  try {
    return whole(1)(value)
  } catch {
    return invalid(value, "a whole number of at least 1, or 'forever'", ['forever'])
  }
}
