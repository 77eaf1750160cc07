import type { TappedMessage } from '../client/tap.ts'
import { formatTime } from '../wire/json-time.ts'
import { payloadToJson } from '../wire/json-payload.ts'

/** How many bytes of a payload a line shows. */
const PREVIEW_BYTES = 24
/** How much of another value's JSON a line shows, in characters. */
const PREVIEW_TEXT = 72

/** Colours for the parts of a line; by default, none. */
export interface LineStyle {
  readonly time: (text: string) => string
  readonly topic: (text: string) => string
  readonly note: (text: string) => string
}

const PLAIN: LineStyle = { time: String, topic: String, note: String }

/** One message as one line for the eye: time, topic, size in bytes, and the beginning of the payload. */
export function formatLine(message: TappedMessage, style: LineStyle = PLAIN): string {
  const { bytes, size, decoded } = message
  const note = decoded.problem === undefined ? '' : ` ${style.note(`(${decoded.problem})`)}`
  const time = style.time(formatTime(message.time))
  return `${time} ${style.topic(printable(message.topic))} ${size} ${preview(bytes, message)}${note}\n`
}

/** Text that can't drive a terminal: control characters are written as \xNN, as in C. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function preview(bytes: Uint8Array | undefined, { decoded }: TappedMessage): string {
  if (bytes === undefined || typeof decoded.payload === 'string') {
    const json = JSON.stringify(payloadToJson(decoded.payload))
    return printable(json.length > PREVIEW_TEXT ? `${json.slice(0, PREVIEW_TEXT)}…` : json)
  }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PREVIEW_BYTES)).toString(
    'hex',
  )
  return bytes.length > PREVIEW_BYTES ? `${head}…` : head
}
