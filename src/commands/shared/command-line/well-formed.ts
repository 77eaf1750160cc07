import parser, { type DetailedArguments, type Options } from 'yargs-parser'
import { commands } from '../../index.ts'
import { commonOptions, type RawCommandLine } from './command.ts'
import type { OptionSpecs } from './options.ts'

// The fast way to read a command line. A test compares it with yargs: see with-yargs.ts for the full way.

/** Settings for turning words into options, the same for every command. */
export const PARSER_CONFIGURATION = {
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'dot-notation': false,
  'camel-case-expansion': false,
}

/** yargs' own options, on every command line, and their letters. */
export const OWN_ALIASES = { help: 'h', version: 'V' } as const

/**
 * Reads a well-formed command line with yargs' parser alone: yargs itself takes longer to load than all the rest of a one-off
 * command. A line in doubt is left to yargs, which can also explain it.
 * @returns the same as yargs; undefined if that is in doubt
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
  // yargs handles its own options, such as --help.
  if (error !== null || !Object.keys(texts).every(key => known.has(key))) return undefined
  const args = readArguments(command.arguments, given.map(String))
  return args && { name, command, texts: { ...texts, ...args, _: [name] } }
}

/** The words after a command's name, sorted by option as in yargs. Arguments stay in `_`, and those after `--` in `--`. */
export function parseWords(words: readonly string[], specs: OptionSpecs): DetailedArguments {
  return parser.detailed([...words], parserOptions(specs))
}

/** The settings that yargs gives its parser for these options. */
export function parserOptions(specs: OptionSpecs): Partial<Options> {
  const entries = Object.entries(specs)
  const flags = entries.flatMap(([name, spec]) => ('flag' in spec ? [name] : []))
  const values = entries.flatMap(([name, spec]) => ('flag' in spec ? [] : [name]))
  const aliases = entries.flatMap(([name, { alias }]) => (alias === undefined ? [] : [[name, alias]]))
  return {
    boolean: [...Object.keys(OWN_ALIASES), ...flags],
    string: values,
    // yargs marks a required value this way.
    narg: Object.fromEntries(values.map(name => [name, Number.NaN])),
    alias: { ...OWN_ALIASES, ...Object.fromEntries(aliases) },
    configuration: { ...PARSER_CONFIGURATION, 'populate--': true },
  }
}

/** Assigns the words to their arguments; undefined if yargs could assign them otherwise. */
function readArguments(specs: OptionSpecs, words: readonly string[]): Record<string, unknown> | undefined {
  // yargs takes this word, at the end, for --help.
  if (words.at(-1) === 'help') return undefined
  const rest = [...words]
  const texts: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(specs)) {
    if ('flag' in spec) return undefined
    const taken = rest.splice(0, spec.repeat ? rest.length : 1)
    if (spec.required && taken.length === 0) return undefined
    // yargs reads an argument once more, as the value of an option.
    if (taken.some(word => word.startsWith('-') && (spec.repeat || word !== '-'))) return undefined
    if (spec.repeat) texts[name] = taken
    else if (taken.length > 0) [texts[name]] = taken
  }
  return rest.length === 0 ? texts : undefined
}
