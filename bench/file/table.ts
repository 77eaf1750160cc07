import { grouped, microseconds } from '../../src/core/format/figures.ts'
import { markdownTable } from '../../src/core/format/table.ts'
import { spreadText } from '../statistics.ts'
import type { FileResult } from './file.ts'

/** A file's way to two receivers, as a table in Markdown. */
export function fileTable(results: readonly FileResult[]): string {
  return markdownTable(
    [
      [
        'bus',
        'messages',
        'receivers',
        'took',
        'spread',
        'messages a second',
        'lost by either',
        'CPU of the bus',
        'of the publisher',
      ],
      ...results.map(row => [
        row.bus,
        grouped(row.messages),
        row.bytesPerSecond === null ? 'two files' : `a pipe at ${row.bytesPerSecond / 1e6} MB/s, a file`,
        microseconds(row.tookMs * 1000),
        spreadText(row.spread),
        `${grouped((row.messages / Math.max(1, row.tookMs)) * 1000)}/s`,
        row.lost.map(grouped).join(' + '),
        `${row.busUs.toFixed(2)} µs`,
        `${row.publisherUs.toFixed(2)} µs`,
      ]),
    ],
    { words: [0, 2] },
  )
}
