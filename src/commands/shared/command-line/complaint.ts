import { type Command, commonOptions } from './command.ts'
import { commandIn, commands } from '../../index.ts'
import type { OptionSpecs } from './options.ts'
import { UsageError } from '../../../core/errors.ts'
import { didYouMean } from '../../../core/nearest.ts'
import { OWN_ALIASES, parseWords } from './well-formed.ts'

const MISSING_VALUE = 'missing value of option'
const MISSING_ARGUMENT = 'missing argument'

/** yargs' sentences in our words. yargs takes a singular and a plural too, which its types lack. */
export const STRINGS = {
  'Positionals:': 'Arguments:',
  'Unknown argument: %s': numberless('unexpected argument: %s'),
  'Unknown command: %s': numberless('unknown command: %s'),
  'Not enough arguments following: %s': `${MISSING_VALUE}: %s`,
  'Not enough non-option arguments: got %s, need at least %s': numberless(`${MISSING_ARGUMENT}: %s of %s`),
} as unknown as Record<string, string>

function numberless(text: string): { one: string; other: string } {
  return { one: text, other: text }
}

/** The error for a command line whose first word is not a command. */
export function unknownCommand(word: string): UsageError {
  const { hint } = didYouMean(word, Object.keys(commands))
  return new UsageError(`unknown command: ${word}`, { hint: hintOf(hint, 'see groundwire --help') })
}

/**
 * The error for a command line that yargs refuses.
 * @param sentence yargs' complaint
 * @param loaded the commands that the command line names
 */
export function complaint(
  sentence: string,
  argv: readonly string[],
  loaded: Readonly<Record<string, Command>>,
): UsageError {
  const name = commandIn(argv)
  const command = name === undefined ? undefined : loaded[name]
  const options = { ...command?.options, ...commonOptions }
  const help = name === undefined ? 'see groundwire --help' : `see groundwire ${name} --help`
  // An unknown option swallows the word after it, so that an argument seems to be missing: report the option first.
  const unknown = unknownOptions(argv, name, options)
  if (unknown.length > 0) {
    const known = [...Object.keys(options), ...Object.keys(OWN_ALIASES)].map(option => `--${option}`)
    const meant = unknown.map(option => didYouMean(option, known).hint).find(hint => hint !== undefined)
    const usage = name === undefined ? undefined : `usage: groundwire ${commands[name]?.usage}`
    // Other programs have options of one letter where groundwire has arguments.
    const isOtherProgram = unknown.every(option => option.length === 2)
    const text = `unknown option${unknown.length === 1 ? '' : 's'}: ${unknown.join(', ')}`
    return new UsageError(text, { hint: hintOf(meant ?? (isOtherProgram ? usage : undefined), help) })
  }
  return new UsageError(inTheUsersWords(sentence, argv, command), { hint: help })
}

function hintOf(...parts: readonly (string | undefined)[]): string {
  const said = parts.filter(part => part !== undefined)
  return said.join('; ').replace('?; ', '? ')
}

/** The options on a command line that the command lacks, as written. */
function unknownOptions(argv: readonly string[], name: string | undefined, options: OptionSpecs): string[] {
  const words = argv.filter((_word, i) => i !== argv.indexOf(name ?? ''))
  const { _: _words, '--': _after, ...texts } = parseWords(words, options).argv
  const own = Object.entries(OWN_ALIASES).flat()
  const known = new Set([...Object.entries(options).flatMap(([key, { alias }]) => [key, alias]), ...own])
  return Object.keys(texts).flatMap(key => (key === '' || known.has(key) ? [] : [asWritten(key, words)]))
}

/** An option as written on the command line. yargs knows `--count` as `count`, `-c` as `c` and `--no-frob` as `frob`. */
function asWritten(key: string, words: readonly string[]): string {
  const option = key.length === 1 ? `-${key}` : `--${key}`
  return words.includes(`--no-${key}`) ? `--no-${key}` : option
}

function inTheUsersWords(sentence: string, argv: readonly string[], command: Command | undefined): string {
  const [, what, named = ''] = /^([^:]+): (.+)$/.exec(sentence) ?? []
  if (what === MISSING_ARGUMENT) {
    const required = Object.entries(command?.arguments ?? {}).filter(
      ([, spec]) => 'required' in spec && spec.required,
    )
    const missing = required.slice(Number.parseInt(named, 10)).map(([argument]) => argument.toUpperCase())
    return `${MISSING_ARGUMENT}${missing.length === 1 ? '' : 's'}: ${missing.join(', ')}`
  }
  if (what === MISSING_VALUE) {
    const option = named.length === 1 ? `-${named}` : `--${named}`
    const isWritten = argv.some(word => word === option || word.startsWith(`${option}=`))
    // yargs reads the words of a list once more, and takes a lone dash for the list's end.
    if (!isWritten)
      return `a '-' alone is read as an option here: to be one of the ${named}, it has to stand after --`
    return `${MISSING_VALUE}: ${option}`
  }
  return sentence
}
