import type { OptionSpecs, Values } from './options.ts'
import type { Session } from '../session.ts'
import type { QueueLimits } from '../../../core/bounded-queue.ts'
import type { BusOptions } from '../../../core/bus/bus-options.ts'
import { type CarrierName, CARRIERS, DEFAULT_CARRIER } from '../../../core/bus/carrier.ts'
import { bindUrl, busUrl, file, oneOf, queueLimits, size } from './values.ts'

/** A command: its arguments, its options, and its work on their values. Each command's module exports one. */
export interface Command<A extends OptionSpecs = OptionSpecs, O extends OptionSpecs = OptionSpecs> {
  /** The arguments, by their names in the usage. */
  readonly arguments: A
  readonly options: O
  /** Command lines worth knowing, without `groundwire` in front, each with its effect. */
  readonly examples: readonly (readonly [line: string, meaning: string])[]
  /** Text of the help after the options: paragraphs with empty lines between. */
  readonly notes?: string
  /** Checks the values together, before anything is opened. @throws {UsageError} if they contradict each other */
  check?(values: Values<A & O & typeof commonOptions>): void
  /** Does the command's work. Returns its exit code. */
  run(values: Values<A & O & typeof commonOptions>, session: Session): Promise<number>
}

/** The words of a command line, sorted by option and argument, before their texts become values. */
export interface RawCommandLine {
  readonly name: string
  readonly command: Command
  /** The texts of its options and arguments; `_` holds the command's name and the words after `--`, as in yargs. */
  readonly texts: Readonly<Record<string, unknown>>
}

/** Ties the types of a command's options to its work. */
export function defineCommand<const A extends OptionSpecs, const O extends OptionSpecs>(
  command: Command<A, O>,
): Command<A, O> {
  return command
}

/** Options of every command. */
export const commonOptions = {
  ledger: {
    describe:
      'write the ledger to this file, as JSON, every second and at the end; an earlier file becomes FILE.1',
    parse: file,
  },
  'fail-on-loss': { describe: 'exit 6 if a message was lost', flag: true },
  quiet: { describe: 'say nothing but errors', flag: true, alias: 'q' },
  verbose: { describe: 'say more', flag: true, alias: 'v' },
  timestamps: { describe: 'put the time (UTC) before each line of standard error', flag: true },
  color: {
    describe: 'colour on a terminal; --no-color, or NO_COLOR in the environment, turns it off',
    flag: true,
    default: true,
  },
} as const satisfies OptionSpecs

/** Options of every command on the bus. */
export const carrierOption = {
  carrier: {
    describe: "the engine for ZeroMQ's protocol: zmtp, groundwire's own, or libzmq, which is slower",
    parse: oneOf(...CARRIERS),
    default: DEFAULT_CARRIER,
  },
} as const satisfies OptionSpecs

export const xsubOption = {
  xsub: { describe: "the proxy's side for publishers", parse: busUrl, default: 'tcp://127.0.0.1:5559' },
} as const satisfies OptionSpecs

export const xpubOption = {
  xpub: { describe: "the proxy's side for subscribers", parse: busUrl, default: 'tcp://127.0.0.1:5560' },
} as const satisfies OptionSpecs

/** Options of the command that binds the addresses. */
export const bindOptions = {
  xsub: {
    describe: 'where publishers connect',
    parse: bindUrl,
    repeat: true,
    default: 'tcp://127.0.0.1:5559',
  },
  xpub: {
    describe: 'where subscribers connect',
    parse: bindUrl,
    repeat: true,
    default: 'tcp://127.0.0.1:5560',
  },
} as const satisfies OptionSpecs

export const maxMessageOption = {
  'max-message': {
    describe: 'the largest payload; a larger one is counted as oversize',
    parse: size,
    default: '1M',
  },
} as const satisfies OptionSpecs

export const queueOption = {
  queue: {
    describe:
      'limit of the messages held while the bus is away or busy, in messages, bytes or both; the oldest go first',
    parse: queueLimits,
    default: '65536,32M',
  },
} as const satisfies OptionSpecs

/** Options of commands that write to the bus. */
export const writeCodecOption = {
  codec: {
    describe: 'how payloads are written: msgpack as AIT 3 does, or raw',
    parse: oneOf('msgpack', 'raw'),
    default: 'msgpack',
  },
} as const satisfies OptionSpecs

/** Options of commands that read from the bus. */
export const readCodecOption = {
  codec: {
    describe: 'how payloads are read: auto (decided for each message), msgpack, pickle (AIT 2) or raw',
    parse: oneOf('auto', 'msgpack', 'pickle', 'raw'),
    default: 'auto',
  },
} as const satisfies OptionSpecs

/** The values of the options above that lead to a bus; a command may have only some of them. */
interface BusValues {
  readonly xsub?: string
  readonly xpub?: string
  readonly carrier: CarrierName
  readonly 'max-message': number
  readonly queue?: QueueLimits
}

/** The bus that a command's options lead to, for the roles that it builds. */
export function busOptions({ xsub, xpub, carrier, queue, 'max-message': maxMessage }: BusValues): BusOptions {
  return { xsub, xpub, carrier, maxMessage, queue }
}
