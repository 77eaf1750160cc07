import { headerText } from '../ccsds/header-text.ts'
import { findingText } from '../ccsds/sequence-text.ts'
import type { TappedMessage } from '../tap/message.ts'
import { payloadToJson } from '../wire/json-payload.ts'
import { formatMicroseconds } from '../wire/json-time.ts'
import { asBuffer } from '../wire/utf8.ts'
import { columnsOf, cutTo } from './columns.ts'
import type { Formatter, ShownMessage } from './formatter.ts'
import { printable } from './printable.ts'

/** Bytes of a payload that a line shows if its width is not known. */
const PREVIEW_BYTES = 24
/** Characters of another value's JSON that a line shows then. */
const PREVIEW_TEXT = 72

/** The look of the parts of a line. Default: as they are. */
export interface LineStyle {
  readonly time: (text: string) => string
  readonly topic: (text: string) => string
  readonly note: (text: string) => string
  /** The columns that a line may take on a terminal at this moment. Undefined if it may take any. */
  readonly columns?: (() => number | undefined) | undefined
}

const PLAIN: LineStyle = { time: String, topic: String, note: String }

/** Formats one message as a line for people: time, topic, size in bytes, and the beginning of the payload. */
export function formatLine(message: TappedMessage, style: LineStyle = PLAIN): string {
  return `${line({ message }, style, false)}\n`
}

/** Like {@link formatLine}. With `ccsds`, the packet's header in words precedes the payload. */
export function lineFormatter(ccsds: boolean, delimiter: Uint8Array, style: LineStyle = PLAIN): Formatter {
  return {
    write(shown, out) {
      out.text(line(shown, style, ccsds))
      out.bytes(delimiter)
      return true
    },
  }
}

type Shown = Pick<ShownMessage, 'message' | 'finding'>

function line(shown: Shown, style: LineStyle, ccsds: boolean): string {
  const { message } = shown
  const columns = style.columns?.()
  if (columns !== undefined) return fittedLine(shown, style, ccsds, columns)
  const words = ccsds ? `${packetText(shown, style)} ` : ''
  return `${lineHead(message, style)} ${words}${preview(message, PREVIEW_BYTES, PREVIEW_TEXT)}${problemNote(message, style)}`
}

/**
 * Fits a line into one row. The payload gives way first, then the header in words, then the topic. The time, the size
 * and any fault of the message stay, even beyond the end of the row.
 */
function fittedLine({ message, finding }: Shown, style: LineStyle, ccsds: boolean, columns: number): string {
  const { problem } = message.decoded
  const time = formatMicroseconds(message.time)
  const note = problem === undefined ? '' : `(${problem})`
  const found = ccsds && finding !== undefined ? findingText(finding) : ''
  const size = String(message.size)
  // Each part has a space before it. A part in brackets has these as well.
  let left = columns + 1 - room(time) - room(size) - room(note) - room(found, 3)
  const take = (text: string, marks = 1): string => {
    const part = cutTo(text, left - marks)
    left -= room(part, marks)
    return part
  }
  const topic = take(printable(message.topic))
  const header = ccsds ? take(headerText(message.packet), found === '' ? 3 : 2) : ''
  const payload = take(preview(message, Math.ceil(columns / 2), columns))
  const between = header === '' || found === '' ? '' : '; '
  const words = `[${header}${between}${found && style.note(found)}]`
  const parts = [
    style.time(time),
    style.topic(topic),
    size,
    words === '[]' ? '' : words,
    payload,
    note && style.note(note),
  ]
  return parts.filter(part => part !== '').join(' ')
}

/** The columns of a part of a line and of the marks around it. A part that is left out takes none. */
function room(text: string, marks = 1): number {
  return text === '' ? 0 : columnsOf(text) + marks
}

/** A packet's header and its sequence finding, in words. */
export function packetText({ message, finding }: Shown, style: LineStyle = PLAIN): string {
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

/** Returns the beginning of a payload: so many of its bytes, or so many characters of another value's JSON. */
function preview({ decoded: { payload } }: TappedMessage, bytes: number, characters: number): string {
  if (!(payload instanceof Uint8Array)) {
    const json = JSON.stringify(payloadToJson(payload))
    return printable(json.length > characters ? `${json.slice(0, characters)}…` : json)
  }
  const head = asBuffer(payload).toString('hex', 0, bytes)
  return payload.length > bytes ? `${head}…` : head
}
