import { headerText } from '../ccsds/header-text.ts'
import { findingText } from '../ccsds/sequence-text.ts'
import type { TappedMessage } from '../client/tap.ts'
import { payloadToJson } from '../wire/json-payload.ts'
import { formatMicroseconds } from '../wire/json-time.ts'
import { asBuffer } from '../wire/utf8.ts'
import type { Formatter, ShownMessage } from './formatter.ts'
import { printable } from './printable.ts'

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
  return `${lineHead(message, style)} ${preview(message)}${problemNote(message, style)}\n`
}

/** The form of {@link formatLine}; with `ccsds`, a packet's header in words comes before the beginning of the payload. */
export function lineFormatter(ccsds: boolean, delimiter: Uint8Array, style: LineStyle = PLAIN): Formatter {
  return {
    write({ message, finding }, out) {
      const words = ccsds ? `${packetText({ message, finding }, style)} ` : ''
      const note = problemNote(message, style)
      out.text(`${lineHead(message, style)} ${words}${preview(message)}${note}`)
      out.bytes(delimiter)
      return true
    },
  }
}

/** A packet's header, and what its sequence count tells, in words. */
export function packetText(
  { message, finding }: Pick<ShownMessage, 'message' | 'finding'>,
  style: LineStyle = PLAIN,
): string {
  const found = finding === undefined ? '' : `; ${style.note(findingText(finding))}`
  return `[${headerText(message.packet)}${found}]`
}

function lineHead(message: TappedMessage, style: LineStyle): string {
  const time = style.time(formatMicroseconds(message.time))
  return `${time} ${style.topic(printable(message.topic))} ${message.size}`
}

function problemNote({ decoded: { problem } }: TappedMessage, style: LineStyle): string {
  return problem === undefined ? '' : ` ${style.note(`(${problem})`)}`
}

function preview({ decoded: { payload } }: TappedMessage): string {
  if (!(payload instanceof Uint8Array)) {
    const json = JSON.stringify(payloadToJson(payload))
    return printable(json.length > PREVIEW_TEXT ? `${json.slice(0, PREVIEW_TEXT)}…` : json)
  }
  const head = asBuffer(payload).toString('hex', 0, PREVIEW_BYTES)
  return payload.length > PREVIEW_BYTES ? `${head}…` : head
}
