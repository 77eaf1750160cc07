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

/** Forms in which a message is shown or recorded. `none` is for counting only. */
export const FORMATS = ['line', 'hexdump', 'hex', 'base64', 'text', 'raw', 'json', 'pcapng', 'none'] as const
export type FormatName = (typeof FORMATS)[number]

/** Forms that separate messages by themselves: a delimiter would damage them. */
export const SELF_DELIMITING: readonly FormatName[] = ['pcapng', 'none']

export interface FormatOptions {
  /** Bytes after each message. Default: a newline, but nothing for `raw` and `hexdump`. */
  readonly delimiter?: Uint8Array | undefined
  /** Include the packet headers, in forms with a place for them: line, hexdump, json. Default false. */
  readonly ccsds?: boolean
  /** Colours of the line form. */
  readonly style?: LineStyle | undefined
  /** Messages dropped before they could be written, by topic. `pcapng` writes them in its statistics and clears the map. */
  readonly dropped?: Map<string, number>
}

const NEWLINE = Buffer.from('\n')
const NOTHING = Buffer.alloc(0)

/** Returns the formatter of a form. */
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

/** Wraps a formatter so that a delimiter follows each message. */
export function followedBy(formatter: Formatter, delimiter: Uint8Array): Formatter {
  return {
    write(shown, out) {
      const written = formatter.write(shown, out)
      if (written) out.bytes(delimiter)
      return written
    },
  }
}
