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

/** A line of messages as JSON, read: see {@link parseMessage}. */
export interface ParsedMessage {
  /** When it was seen, in nanoseconds since 1970-01-01T00:00:00Z; undefined where the line does not say. */
  readonly time?: bigint
  readonly topic: string
  /** The codec that the payload was written with. Default msgpack. */
  readonly codec: CodecName
  readonly payload: Payload
  /** The frame itself, where encoding the payload would give another one for the same value. */
  readonly frame?: Buffer
}

/** The topic that was written last, and its JSON: most messages share it with the one before. */
let lastTopic: string | undefined
let lastTopicText = ''

/** The defaults of {@link parseMessage} for a line that leaves them out. */
export interface MessageDefaults {
  readonly topic?: string
}

/**
 * One message as one line of JSON, without the line feed:
 * `{"time": …, "topic": …, "codec": …, "payload": …}`, in the form of docs/message.schema.json.
 *
 * Publishing what {@link parseMessage} reads from it gives the same frame again. Where the payload alone would not (a float32,
 * a header longer than it needs), `"frame"` has it as base64. A pickle has none: it goes back onto a bus as msgpack.
 */
export function formatMessage(message: Message, decoded: Decoded): string {
  const { codec, payload, problem } = decoded
  if (message.topic !== lastTopic) {
    lastTopicText = text(message.topic)
    lastTopic = message.topic
  }
  const head = `{"time":"${formatTime(message.time)}","topic":${lastTopicText},"codec":"${codec}","payload":`
  // Base64 has nothing to escape, and bytes are nearly all that passes on a bus.
  const body =
    payload instanceof Uint8Array ? `{"$bytes":"${toBase64(payload)}"}` : text(payloadToJson(payload))
  const frame = codec === 'msgpack' && !isOwnFrame(message.frame, payload)
  const frameMember = frame ? `,"frame":"${toBase64(message.frame)}"` : ''
  return `${head}${body}${frameMember}${problem ? `,"problem":"${problem}"` : ''}}`
}

/**
 * A message from one line of JSON. The topic and the payload must be there (the topic may come from `defaults`); time, codec and
 * frame may be; other members are ignored.
 *
 * @throws {UsageError} naming the member that is missing or not of its form, and where in the payload; also for a frame that
 *   is not one of the payload, as after an edit of one and not the other.
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

/** JSON on one line, for every reader's notion of a line, that drives no terminal. */
function text(json: unknown): string {
  return printableJson(JSON.stringify(json))
}

/** Whether encoding the payload gives this very frame. */
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
