import { UsageError } from '../errors.ts'
import type { ByteBuilder } from './byte-builder.ts'
import { readEscape } from './escapes.ts'
import type { Formatter } from './formatter.ts'
import { TEMPLATE_FIELDS, type TemplateContext } from './template-fields.ts'

/** Part of a template: adds a literal text or a field to the output. */
type Part = (context: TemplateContext, out: ByteBuilder) => void

/** A compiled template. */
export interface Template {
  readonly formatter: Formatter
  /** Whether the template ends in an escape such as `\n`, and so separates messages itself. */
  readonly endsInEscape: boolean
}

/**
 * Compiles a template: `%` and a letter for a field of {@link TEMPLATE_FIELDS}, `%%` for a percent sign, the escapes
 * `\n`, `\t`, `\r`, `\0`, `\\` and `\xNN` for one byte each. All other text stands for itself.
 * @throws {UsageError} for an unknown field or escape, with its position, counted from 1
 */
export function compileTemplate(text: string): Template {
  const parts: Part[] = []
  let literal: Buffer[] = []
  let plainFrom = 0
  let endsInEscape = false
  const addLiteral = (bytes: Buffer) => {
    if (bytes.length > 0) literal.push(bytes)
  }
  const endLiteral = () => {
    if (literal.length === 0) return
    const bytes = Buffer.concat(literal)
    parts.push((_context, out) => out.bytes(bytes))
    literal = []
  }
  for (let at = text.search(/[%\\]/); at >= 0; at = indexFrom(text, plainFrom)) {
    addLiteral(Buffer.from(text.slice(plainFrom, at)))
    if (text[at] === '\\') {
      const { character, length } = readEscape(text, at)
      addLiteral(Buffer.from(character, 'latin1'))
      plainFrom = at + length
      endsInEscape = plainFrom === text.length
      continue
    }
    const letter = text[at + 1] ?? ''
    if (letter === '%') addLiteral(Buffer.from('%'))
    else {
      endLiteral()
      parts.push(fieldAt(letter, at))
    }
    plainFrom = at + 2
  }
  addLiteral(Buffer.from(text.slice(plainFrom)))
  endLiteral()
  return { formatter: formatterOfParts(parts), endsInEscape }
}

function fieldAt(letter: string, at: number): Part {
  const field = Object.hasOwn(TEMPLATE_FIELDS, letter) ? TEMPLATE_FIELDS[letter] : undefined
  if (field !== undefined) return field.add
  const known = Object.keys(TEMPLATE_FIELDS).map(name => `%${name}`)
  throw new UsageError(`'%${letter}' at character ${at + 1} is not one of ${known.join(', ')} and %%`)
}

function indexFrom(text: string, from: number): number {
  const at = text.slice(from).search(/[%\\]/)
  return at < 0 ? -1 : from + at
}

function formatterOfParts(parts: readonly Part[]): Formatter {
  let previous: number | undefined
  return {
    write(shown, out) {
      const context = { shown, previous }
      for (const part of parts) part(context, out)
      previous = shown.message.at
      return true
    },
  }
}
