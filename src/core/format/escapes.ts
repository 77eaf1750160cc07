import { UsageError } from '../errors.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' }

/**
 * Reads the escape at `at`, where `text` has a backslash: `\n`, `\t`, `\r`, `\0`, `\\` or `\xNN`. Returns its character
 * and its length.
 * @throws {UsageError} naming the position, counted from 1
 */
export function readEscape(
  text: string,
  at: number,
): { readonly character: string; readonly length: number } {
  const name = text[at + 1] ?? ''
  const character = ESCAPES[name]
  if (character !== undefined) return { character, length: 2 }
  const digits = /^[\da-f]{2}/i.exec(text.slice(at + 2))?.[0]
  if (name === 'x' && digits !== undefined) {
    return { character: String.fromCharCode(Number.parseInt(digits, 16)), length: 4 }
  }
  const shown = name === 'x' ? text.slice(at, at + 4) : `\\${name}`
  throw new UsageError(`'${shown}' at character ${at + 1} is not one of \\n, \\t, \\r, \\0, \\\\ and \\xNN`)
}

/** Encodes text with escapes: the text as UTF-8, each `\xNN` as one byte. @throws {UsageError} as {@link readEscape} */
export function parseEscapes(text: string): Buffer {
  const parts: Buffer[] = []
  let start = 0
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', start)) {
    const { character, length } = readEscape(text, at)
    parts.push(Buffer.from(text.slice(start, at)), Buffer.from(character, 'latin1'))
    start = at + length
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(start))])
}
