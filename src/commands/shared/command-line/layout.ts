/** Columns of a text if the width is unknown, as in a pipe. */
export const DEFAULT_WIDTH = 80

/** Least and most columns of a text: narrower would break words, and wider lines are hard to follow. */
const WIDTHS = { least: 60, most: 120 }

/** Width of a help: COLUMNS, else the terminal's width, else 80 columns. */
export function widthOf(
  stdout: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): number {
  const wanted = Number(/^\d+$/.exec(env['COLUMNS'] ?? '')?.[0] ?? 0)
  const shown = stdout.isTTY ? (stdout.columns ?? 0) : 0
  return Math.min(WIDTHS.most, Math.max(WIDTHS.least, wanted || shown || DEFAULT_WIDTH))
}

/**
 * Lays a text out at a width, and breaks no word. An empty line ends a paragraph. An indented line stays a line of its own,
 * and continues under its first word.
 */
export function wrapped(text: string, width: number): string {
  // Join the lines of a paragraph, up to an indented one.
  const lines = text.split('\n\n').map(paragraph => paragraph.replaceAll(/\n(?! )/g, ' ').split('\n'))
  return lines.map(paragraph => paragraph.map(line => wrappedLine(line, width)).join('\n')).join('\n\n')
}

/** Rows of a name and its meaning, in two columns. */
export function inColumns(
  rows: readonly (readonly [name: string, meaning: string])[],
  width: number,
): string {
  const column = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, meaning]) => wrappedLine(name.padEnd(column) + meaning, width, column)).join('\n')
}

/** @param hanging indentation of the further lines; by default, that of the first */
function wrappedLine(text: string, width: number, hanging = text.search(/\S|$/)): string {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const end = rest.lastIndexOf(' ', width)
    const at = end > hanging ? end : rest.indexOf(' ', hanging + 1)
    if (at < 0) break
    lines.push(rest.slice(0, at).trimEnd())
    rest = ' '.repeat(hanging) + rest.slice(at).trimStart()
  }
  return [...lines, rest].join('\n')
}
