/** Columns of a text where they are not known: in a pipe. */
export const DEFAULT_WIDTH = 80

/** Columns within which a text is laid out: narrower, words would be broken; wider, lines are hard to follow. */
const WIDTHS = { least: 60, most: 120 }

/** How wide a help may be: as COLUMNS says, else as wide as the terminal, else 80 columns. */
export function widthOf(
  stdout: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): number {
  const wanted = Number(/^\d+$/.exec(env['COLUMNS'] ?? '')?.[0] ?? 0)
  const shown = stdout.isTTY ? (stdout.columns ?? 0) : 0
  return Math.min(WIDTHS.most, Math.max(WIDTHS.least, wanted || shown || DEFAULT_WIDTH))
}

/**
 * Lays a text out at a width, and breaks no word. An empty line ends a paragraph; a line that is indented stays a line of its
 * own, and is continued under its first word.
 */
export function wrapped(text: string, width: number): string {
  // The lines of a paragraph are one, up to one that is indented.
  const lines = text.split('\n\n').map(paragraph => paragraph.replaceAll(/\n(?! )/g, ' ').split('\n'))
  return lines.map(paragraph => paragraph.map(line => wrappedLine(line, width)).join('\n')).join('\n\n')
}

/** Rows of a name and what it means, in two columns. */
export function inColumns(
  rows: readonly (readonly [name: string, meaning: string])[],
  width: number,
): string {
  const column = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, meaning]) => wrappedLine(name.padEnd(column) + meaning, width, column)).join('\n')
}

/** @param hanging where the further lines begin; by default, where the first one does */
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
