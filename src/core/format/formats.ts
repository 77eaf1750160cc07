import type { TappedMessage } from '../client/tap.ts'
import { formatMessage } from '../wire/json.ts'
import { formatLine, type LineStyle } from './line.ts'

/** The forms in which a message is shown or recorded. */
export const FORMATS = ['line', 'hex', 'raw', 'json'] as const
export type FormatName = (typeof FORMATS)[number]

/** Writes a message in its form. Undefined for a payload that has no bytes, where the form is made of those. */
export type Formatter = (message: TappedMessage) => Buffer | undefined

/** The formatter of a form. `style` colours the line form. */
export function formatterOf(format: FormatName, style?: LineStyle): Formatter {
  switch (format) {
    case 'line':
      return message => Buffer.from(formatLine(message, style))
    case 'hex':
      return ({ bytes }) => bytes && Buffer.from(`${asBuffer(bytes).toString('hex')}\n`)
    case 'raw':
      return ({ bytes }) => bytes && asBuffer(bytes)
    case 'json':
      return message => Buffer.from(`${formatMessage(message, message.decoded)}\n`)
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
