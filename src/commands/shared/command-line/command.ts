import type { OptionSpecs, Values } from './options.ts'
import type { Session } from '../session.ts'
import type { QueueLimits } from '../../../core/bounded-queue.ts'
import type { BusOptions } from '../../../core/bus/bus-options.ts'
import { type CarrierName, CARRIERS, DEFAULT_CARRIER } from '../../../core/bus/carrier.ts'
import { bindUrl, busUrl, file, oneOf, queueLimits, size } from './values.ts'

/** A command: its arguments and options, and what it does with their values. Each command's module exports one. */
export interface Command<A extends OptionSpecs = OptionSpecs, O extends OptionSpecs = OptionSpecs> {
  /** The arguments, by the names that stand in its usage. */
  readonly arguments: A
  readonly options: O
  /** Command lines worth knowing, without `groundwire` in front, and what each does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[]
  /** Text of the help after the options: paragraphs with empty lines between. */
  readonly notes?: string
  /** Looks at the values together, before anything is opened. @throws {UsageError} where they contradict each other */
  check?(values: Values<A & O & typeof commonOptions>): void
  /** Does the command's work. Returns its exit code. */
  run(values: Values<A & O & typeof commonOptions>, session: Session): Promise<number>
}

/** The words of a command line, sorted by option and argument, before their texts become values. */
export interface RawCommandLine {
  readonly name: string
  readonly command: Command
  /** The texts of its options and arguments; in `_`, as yargs has it, the command's name and the words after `--`. */
  readonly texts: Readonly<Record<string, unknown>>
}

/** Keeps the types of a command's options together with what it does. */
export function defineCommand<const A extends OptionSpecs, const O extends OptionSpecs>(
  command: Command<A, O>,
): Command<A, O> {
  return command
}

/** Options of every command. */
export const commonOptions = {
  ledger: {
    describe:
      'write the ledger to this file, as JSON, every second and at the end; one of before becomes FILE.1',
    parse: file,
  },
  'fail-on-loss': { describe: 'exit 6 when a message was lost', flag: true },
  quiet: { describe: 'say nothing but errors', flag: true, alias: 'q' },
  verbose: { describe: 'say more', flag: true, alias: 'v' },
  timestamps: { describe: 'put the time (UTC) before each line of standard error', flag: true },
  color: {
    describe: 'colour on a terminal; for none --no-color, or NO_COLOR in the environment',
    flag: true,
    default: true,
  },
} as const satisfies OptionSpecs

/** For each command that is on the bus. */
export const carrierOption = {
  carrier: {
    describe: "what speaks ZeroMQ's protocol: zmtp, groundwire's own, or libzmq, which is slower",
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

/** For the command that binds them. */
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
    describe: 'what is held while the bus is away or busy, in messages, bytes or both; then the oldest go',
    parse: queueLimits,
    default: '65536,32M',
  },
} as const satisfies OptionSpecs

/** For what is written to the bus. */
export const writeCodecOption = {
  codec: {
    describe: 'how payloads are written: msgpack as AIT 3 does, or raw',
    parse: oneOf('msgpack', 'raw'),
    default: 'msgpack',
  },
} as const satisfies OptionSpecs

/** For what is read from the bus. */
export const readCodecOption = {
  codec: {
    describe: 'how payloads are read: auto (decided for each message), msgpack, pickle (AIT 2) or raw',
    parse: oneOf('auto', 'msgpack', 'pickle', 'raw'),
    default: 'auto',
  },
} as const satisfies OptionSpecs

/** The values of the options above that lead to a bus, as far as a command has them. */
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
