/** A table: its first row names the columns. */
export type Rows = readonly (readonly string[])[]

/** A table in aligned columns, for a terminal: the first column to the left, figures to the right. */
export function textTable(rows: Rows): string {
  const widths = widthsOf(rows)
  return rows
    .map(row => row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join('  '))
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

/** The same in Markdown. */
export function markdownTable(rows: Rows): string {
  const widths = widthsOf(rows).map(width => Math.max(width, 3))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join(' | ')} |\n`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`
  const [head = [], ...body] = rows
  return line(head) + rule + body.map(line).join('')
}

/** `12,345`, the same in every locale. */
export function thousands(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Microseconds as one reads them: `85 µs`, `1.3 ms`, `2.0 s`. */
export function microseconds(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`
  if (us < 100_000) return `${(us / 1000).toFixed(1)} ms`
  return us < 1e6 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(1)} s`
}

function align(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function widthsOf(rows: Rows): number[] {
  const columns = Math.max(0, ...rows.map(row => row.length))
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map(row => (row[column] ?? '').length)),
  )
}
