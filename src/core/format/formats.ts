import type { Formatter } from './formatter.ts'
import { jsonFormatter } from './json.ts'
import { type LineStyle, lineFormatter } from './line.ts'
import {
  base64Formatter,
  hexdumpFormatter,
  hexFormatter,
  rawFormatter,
  textFormatter,
} from './payload-forms.ts'
import { pcapngFormatter } from './pcapng.ts'

/** The forms in which a message is shown or recorded. `none` is for counting. */
export const FORMATS = ['line', 'hexdump', 'hex', 'base64', 'text', 'raw', 'json', 'pcapng', 'none'] as const
export type FormatName = (typeof FORMATS)[number]

/** The forms that tell messages apart by themselves: a delimiter would damage them. */
export const SELF_DELIMITING: readonly FormatName[] = ['pcapng', 'none']

export interface FormatOptions {
  /** Bytes after each message. Default: a newline, but nothing for `raw` and `hexdump`. */
  readonly delimiter?: Uint8Array | undefined
  /** Tell what the packets' headers say, in the forms that have a place for it: line, hexdump, json. Default false. */
  readonly ccsds?: boolean
  /** The colours of the line form. */
  readonly style?: LineStyle | undefined
  /** By topic, what was dropped before it could be written: for the statistics of `pcapng`, which clear it. */
  readonly dropped?: Map<string, number>
}

const NEWLINE = Buffer.from('\n')
const NOTHING = Buffer.alloc(0)

/** The formatter of a form. */
export function formatterOf(format: FormatName, options: FormatOptions = {}): Formatter {
  const { ccsds = false, style } = options
  const delimiter = options.delimiter ?? (format === 'raw' || format === 'hexdump' ? NOTHING : NEWLINE)
  switch (format) {
    case 'line':
      return lineFormatter(ccsds, delimiter, style)
    case 'hexdump':
      return hexdumpFormatter(ccsds, delimiter)
    case 'hex':
      return hexFormatter(delimiter)
    case 'base64':
      return base64Formatter(delimiter)
    case 'text':
      return textFormatter(delimiter)
    case 'raw':
      return rawFormatter(delimiter)
    case 'json':
      return jsonFormatter(ccsds, delimiter)
    case 'pcapng':
      return pcapngFormatter(options.dropped ?? new Map())
    case 'none':
      return { write: () => true }
  }
}

/** A formatter with something after each message. */
export function followedBy(formatter: Formatter, delimiter: Uint8Array): Formatter {
  return {
    write(shown, out) {
      const written = formatter.write(shown, out)
      if (written) out.bytes(delimiter)
      return written
    },
  }
}
