import { columnsOf } from './columns.ts'

/** The rows of a table. The first one names the columns. */
export type Rows = readonly (readonly string[])[]

export interface TableOptions {
  /** The columns of words, counted from 0: they stand on the left, and figures on the right. Default: the first one. */
  readonly words?: readonly number[]
}

/** A table in aligned columns, for a terminal. A character may take two columns of it, or none. */
export function textTable(rows: Rows, { words = [0] }: TableOptions = {}): string {
  const widths = widthsOf(rows)
  const line = (row: readonly string[]) =>
    row.map((cell, column) => align(cell, widths[column] ?? 0, words.includes(column))).join('  ')
  return rows.map(row => `${line(row).trimEnd()}\n`).join('')
}

/** The same table in Markdown. */
export function markdownTable(rows: Rows, { words = [0] }: TableOptions = {}): string {
  const widths = widthsOf(rows).map(width => Math.max(width, 3))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => align(cell, widths[column] ?? 0, words.includes(column))).join(' | ')} |\n`
  const rules = widths.map((width, column) =>
    words.includes(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  const [head = [], ...body] = rows
  return `${line(head)}| ${rules.join(' | ')} |\n${body.map(line).join('')}`
}

function align(cell: string, width: number, isWords: boolean): string {
  const padding = ' '.repeat(Math.max(0, width - columnsOf(cell)))
  return isWords ? cell + padding : padding + cell
}

function widthsOf(rows: Rows): number[] {
  const columns = Math.max(0, ...rows.map(row => row.length))
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map(row => columnsOf(row[column] ?? ''))),
  )
}
