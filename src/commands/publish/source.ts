import { fstatSync } from 'node:fs'
import { GroundwireError, UsageError } from '../../core/errors.ts'
import { expandBytes, expandText, LateMessage } from '../../core/publish/expand.ts'
import {
  type Batches,
  type ByteInput,
  copies,
  InputBatches,
  openFile,
  streamInput,
  wholeInput,
} from '../../core/publish/input.ts'
import { Encoder, type MessageParser, type Outgoing } from '../../core/publish/outgoing.ts'
import { hintOf, inputFormat, isGiven, type PublishValues } from './options.ts'
import type { Session } from '../shared/session.ts'

/** Limit of the messages on their way to the proxy, in bytes at the largest message size, and in messages. */
const BYTES_IN_FLIGHT = 32 * 1024 * 1024
const IN_FLIGHT = { least: 4, most: 1_000 }
/** The same for messages of any size up to --max-message, which are usually small. */
const STREAM_BYTES_IN_FLIGHT = 256 * 1024 * 1024
const STREAM_IN_FLIGHT = { least: 16, most: 256 }
const MAX_PACKET = 64 * 1024

/** The messages to be published. */
export interface Source {
  readonly batches: Batches
  /** Whether it is one message, once. */
  readonly single: boolean
  /** Limit of the messages on their way to the proxy, which bounds memory. */
  readonly maxInFlight: number
  /** Share of it read or sent, from 0 to 1; undefined if its size is not known. */
  share(sent: number): number | undefined
  close(): Promise<void>
}

/** Makes the messages that the options describe. `onSkip` is called for input without anything to publish. */
export async function openSource(
  values: PublishValues,
  session: Session,
  onSkip: (reason: string) => void,
): Promise<Source> {
  const { uid, codec, 'max-message': maxMessage } = values
  const encoder = new Encoder({ codec, uid, maxMessage })
  return isGiven(values) ? givenMessage(values, encoder) : inputSource(values, encoder, session, onSkip)
}

function givenMessage(values: PublishValues, encoder: Encoder): Source {
  const { message, text, hex, base64, json, expand, repeat } = values
  const bytes = message === undefined ? (hex ?? base64) : Buffer.from(message)
  const payload = bytes ?? text ?? json ?? null
  const make = (number: number): Outgoing => {
    if (expand && bytes !== undefined) return encoder.bytes(expandBytes(bytes, number))
    if (expand && text !== undefined) return encoder.payload(expandText(text, number))
    return encoder.payload(payload)
  }
  try {
    const first = make(1)
    return {
      batches: copies(number => (expand ? new LateMessage(() => make(number)) : first), repeat),
      single: repeat === 1,
      maxInFlight: clamp(BYTES_IN_FLIGHT / Math.max(first.size, 1), IN_FLIGHT),
      share: sent => (Number.isFinite(repeat) ? sent / repeat : undefined),
      close: () => Promise.resolve(),
    }
  } catch (cause) {
    // The message is on the command line, so the command line is wrong.
    if (!(cause instanceof GroundwireError)) throw cause
    throw new UsageError(cause.message, { cause, hint: hintOf(cause, values) })
  }
}

async function inputSource(
  values: PublishValues,
  encoder: Encoder,
  session: Session,
  onSkip: (reason: string) => void,
): Promise<Source> {
  const { split = 'none', repeat, expand } = values
  const format = inputFormat(values)
  const input = await openInput(values.file, session)
  const stop = { signal: session.ended }
  const close = () => input.close()
  if (split === 'none' && format === undefined) {
    const make = (bytes: Uint8Array, number: number) =>
      encoder.bytes(expand ? expandBytes(bytes, number) : bytes)
    const maxInFlight = clamp(
      BYTES_IN_FLIGHT / Math.min(input.size ?? encoder.maxMessage, encoder.maxMessage),
      IN_FLIGHT,
    )
    const batches = wholeInput(input, encoder.maxMessage, make, repeat, stop)
    const share = (sent: number) => (Number.isFinite(repeat) ? sent / repeat : undefined)
    return { batches, single: repeat === 1, maxInFlight, share, close }
  }
  if (repeat > 1 && input.size === undefined) {
    await input.close()
    throw new UsageError(`--repeat needs a file that can be read again, and ${input.name} can't`)
  }
  const makeParser = await parserMaker(values, encoder, onSkip)
  const batches = new InputBatches(input, makeParser, repeat, stop)
  const total = (input.size ?? Number.NaN) * repeat
  const share = () => (total > 0 && Number.isFinite(total) ? batches.bytesRead / total : undefined)
  return { batches, single: false, maxInFlight: maxInFlightOf(values), share, close }
}

/** Loads the parser's module only if it is needed: a one-off message must not wait for it. */
async function parserMaker(
  values: PublishValues,
  encoder: Encoder,
  onSkip: (reason: string) => void,
): Promise<() => MessageParser> {
  const { split = 'none', topic, codec, expand } = values
  const format = inputFormat(values)
  const options = { keepTopics: topic === '-', recode: codec !== undefined, onSkip }
  if (format === 'pcapng') {
    const { captureParser } = await import('../../core/publish/capture-parser.ts')
    return () => captureParser(encoder, options)
  }
  const { jsonParser, payloadParser } = await import('../../core/publish/parsers.ts')
  if (format === 'json') return () => jsonParser(encoder, options)
  if (split === 'none') throw new UsageError('an input of one message has no parser')
  return () => payloadParser(split, encoder, expand)
}

async function openInput(file: string | undefined, { io, terminal }: Session): Promise<ByteInput> {
  if (file !== undefined && file !== '-') return openFile(file)
  const { stdin } = io
  if (stdin.isTTY) terminal.info('reading from the terminal, until Ctrl-D')
  const { fd } = stdin as { fd?: number }
  const stat = fd === undefined ? undefined : fstatSync(fd)
  return streamInput('standard input', stdin, stat?.isFile() ? stat.size : undefined)
}

function maxInFlightOf({ split, 'max-message': maxMessage }: PublishValues): number {
  if (typeof split === 'number') return clamp(BYTES_IN_FLIGHT / split, IN_FLIGHT)
  if (split === 'ccsds') return clamp(BYTES_IN_FLIGHT / MAX_PACKET, IN_FLIGHT)
  return clamp(STREAM_BYTES_IN_FLIGHT / maxMessage, STREAM_IN_FLIGHT)
}

function clamp(value: number, { least, most }: typeof IN_FLIGHT): number {
  return Math.min(most, Math.max(least, Math.floor(value)))
}
