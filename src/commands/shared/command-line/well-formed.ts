import parser, { type DetailedArguments, type Options } from 'yargs-parser'
import { commands } from '../../index.ts'
import { commonOptions, type RawCommandLine } from './command.ts'
import type { OptionSpecs } from './options.ts'

// The fast way to read a command line. A test holds it to what yargs reads: see with-yargs.ts, which is the other way.

/** How words become options, whatever the command. */
export const PARSER_CONFIGURATION = {
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'dot-notation': false,
  'camel-case-expansion': false,
}

/** Options that yargs has of itself on every command line, and their letters. */
export const OWN_ALIASES = { help: 'h', version: 'V' } as const

/**
 * Reads a command line in which nothing needs explaining, with yargs' parser alone: yargs itself takes longer to load than all
 * the rest of a one-off command. A line in doubt is left to yargs, which also knows what to say.
 * @returns what yargs would read; undefined where that is in doubt
 */
export async function readWellFormed([name = '', ...words]: readonly string[]): Promise<
  RawCommandLine | undefined
> {
  if (!Object.hasOwn(commands, name)) return undefined
  const command = (await commands[name]?.load())?.default
  if (command === undefined) return undefined
  const options: OptionSpecs = { ...command.options, ...commonOptions }
  const { argv, error } = parseWords(words, options)
  const { _: given, ...texts } = argv
  const known = new Set(Object.entries(options).flatMap(([option, { alias }]) => [option, alias]))
  // An option of yargs' own, such as --help, is for yargs.
  if (error !== null || !Object.keys(texts).every(key => known.has(key))) return undefined
  const args = readArguments(command.arguments, given.map(String))
  return args && { name, command, texts: { ...texts, ...args, _: [name] } }
}

/** The words after a command's name, sorted by option as yargs does it. Arguments are left in `_`, and in `--` after that. */
export function parseWords(words: readonly string[], specs: OptionSpecs): DetailedArguments {
  return parser.detailed([...words], parserOptions(specs))
}

/** The settings that yargs gives its parser once the options have been declared to it. */
export function parserOptions(specs: OptionSpecs): Partial<Options> {
  const entries = Object.entries(specs)
  const flags = entries.flatMap(([name, spec]) => ('flag' in spec ? [name] : []))
  const values = entries.flatMap(([name, spec]) => ('flag' in spec ? [] : [name]))
  const aliases = entries.flatMap(([name, { alias }]) => (alias === undefined ? [] : [[name, alias]]))
  return {
    boolean: [...Object.keys(OWN_ALIASES), ...flags],
    string: values,
    // This is how yargs writes that a value is required.
    narg: Object.fromEntries(values.map(name => [name, Number.NaN])),
    alias: { ...OWN_ALIASES, ...Object.fromEntries(aliases) },
    configuration: { ...PARSER_CONFIGURATION, 'populate--': true },
  }
}

/** Gives the words to the arguments that they are meant for; undefined where yargs could see them otherwise. */
function readArguments(specs: OptionSpecs, words: readonly string[]): Record<string, unknown> | undefined {
  // It takes this word, at the end, for --help.
  if (words.at(-1) === 'help') return undefined
  const rest = [...words]
  const texts: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(specs)) {
    if ('flag' in spec) return undefined
    const taken = rest.splice(0, spec.repeat ? rest.length : 1)
    if (spec.required && taken.length === 0) return undefined
    // It reads an argument once more, as the value of an option.
    if (taken.some(word => word.startsWith('-') && (spec.repeat || word !== '-'))) return undefined
    if (spec.repeat) texts[name] = taken
    else if (taken.length > 0) [texts[name]] = taken
  }
  return rest.length === 0 ? texts : undefined
}
