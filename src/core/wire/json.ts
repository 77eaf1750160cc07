import { UsageError } from '../errors.ts'
import { printableJson } from '../format/printable.ts'
import type { Message } from '../message.ts'
import type { CodecName, Decoded } from './codec.ts'
import { payloadFromJson, readBase64, readText } from './payload-from-json.ts'
import { payloadToJson, toBase64 } from './json-payload.ts'
import { formatTime, parseTime } from './json-time.ts'
import { decode } from './msgpack-decode.ts'
import { encode } from './msgpack-encode.ts'
import { binHeaderLength } from './msgpack-format.ts'
import type { Payload } from './payload.ts'

/** A message parsed from a line of JSON: see {@link parseMessage}. */
export interface ParsedMessage {
  /** Time it was seen, in nanoseconds since 1970-01-01T00:00:00Z; undefined if the line has no time. */
  readonly time?: bigint
  readonly topic: string
  /** Codec of the payload's frame; msgpack if the line has no codec. */
  readonly codec: CodecName
  readonly payload: Payload
  /** The frame itself, if encoding the payload would give a different one. */
  readonly frame?: Buffer
}

/** The last topic written, and its JSON. Most messages share it with the one before. */
let lastTopic: string | undefined
let lastTopicText = ''

/** Defaults of {@link parseMessage} for members that a line lacks. */
export interface MessageDefaults {
  readonly topic?: string
}

/**
 * Formats a message as one line of JSON, without the line feed:
 * `{"time": …, "topic": …, "codec": …, "payload": …}`, in the form of docs/message.schema.json.
 *
 * {@link parseMessage} reads it back, and publishing that gives the same frame again. If the payload alone would not (a
 * float32, a header longer than needed), `"frame"` holds the frame as base64. A pickle has no `"frame"`: it goes back onto a
 * bus as msgpack.
 */
export function formatMessage(message: Message, decoded: Decoded): string {
  const { codec, payload, problem } = decoded
  if (message.topic !== lastTopic) {
    lastTopicText = text(message.topic)
    lastTopic = message.topic
  }
  const head = `{"time":"${formatTime(message.time)}","topic":${lastTopicText},"codec":"${codec}","payload":`
  // Nearly all payloads on a bus are bytes, and base64 has nothing to escape.
  const body =
    payload instanceof Uint8Array ? `{"$bytes":"${toBase64(payload)}"}` : text(payloadToJson(payload))
  const frame = codec === 'msgpack' && !isOwnFrame(message.frame, payload)
  const frameMember = frame ? `,"frame":"${toBase64(message.frame)}"` : ''
  return `${head}${body}${frameMember}${problem ? `,"problem":"${problem}"` : ''}}`
}

/**
 * Parses a message from one line of JSON. The topic and the payload are required (the topic may come from `defaults`); time,
 * codec and frame are optional; other members are ignored.
 *
 * @throws {UsageError} naming a member that is missing or malformed, and the place within the payload; also for a frame that
 *   does not hold the payload, as after an edit of only one of them.
 */
export function parseMessage(line: string, defaults: MessageDefaults = {}): ParsedMessage {
  const members = parseObject(line)
  if (members['payload'] === undefined) throw new UsageError('the message has no payload')
  const topic = members['topic'] ?? defaults.topic
  if (topic === undefined) throw new UsageError('the message has no topic')
  const codec = parseCodec(members['codec'])
  const payload = payloadFromJson(members['payload'])
  return {
    ...(members['time'] !== undefined && { time: parseTime(members['time'], 'time') }),
    topic: readText(topic, 'topic'),
    codec,
    payload,
    ...(members['frame'] !== undefined &&
      codec === 'msgpack' && { frame: parseFrame(members['frame'], payload) }),
  }
}

/** JSON on one line, by every reader's notion of a line, and safe to print on a terminal. */
function text(json: unknown): string {
  return printableJson(JSON.stringify(json))
}

/** Whether encoding the payload gives exactly this frame. */
function isOwnFrame(frame: Uint8Array, payload: Payload): boolean {
  if (payload instanceof Uint8Array) return frame.length === binHeaderLength(payload.length) + payload.length
  return encode(payload).equals(frame)
}

function parseObject(line: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw new UsageError(`the message is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError('the message is not a JSON object')
  }
  return json as Record<string, unknown>
}

function parseCodec(json: unknown = 'msgpack'): CodecName {
  if (json === 'msgpack' || json === 'pickle' || json === 'raw') return json
  throw new UsageError(`codec is ${JSON.stringify(json)}, and not msgpack, pickle or raw`)
}

function parseFrame(json: unknown, payload: Payload): Buffer {
  const frame = readBase64(json, 'frame')
  const decoded = decode(frame)
  if (decoded === undefined || text(payloadToJson(decoded)) !== text(payloadToJson(payload))) {
    throw new UsageError('frame does not hold the payload', {
      hint: 'Leave frame out where the payload was changed: it is written anew.',
    })
  }
  return frame
}
