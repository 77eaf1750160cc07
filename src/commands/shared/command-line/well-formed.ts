import parser from 'yargs-parser'
import { commonOptions } from './command.ts'
import { commands } from '../../index.ts'
import type { OptionSpecs } from './options.ts'
import { parserOptions } from './declarations.ts'
import type { RawCommandLine } from './raw-command-line.ts'

/**
 * Reads a command line that nothing has to be said about, with yargs' parser alone: yargs itself takes longer to load than
 * all the rest of a one-off command. Anything in doubt is left to yargs, which also knows what to say.
 * @returns what yargs would have found; undefined where that is in doubt
 */
export async function readWellFormed([name = '', ...words]: readonly string[]): Promise<
  RawCommandLine | undefined
> {
  if (!Object.hasOwn(commands, name)) return undefined
  const command = (await commands[name]?.load())?.default
  if (command === undefined) return undefined
  const options = { ...command.options, ...commonOptions }
  const { argv, error } = parser.detailed(words, parserOptions(options))
  const { _: given, ...texts } = argv
  if (error !== null || !areOf(options, texts)) return undefined
  const args = readArguments(command.arguments, given.map(String))
  return args && { name, command, texts: { ...texts, ...args, _: [name] } }
}

/** Whether they are all options of the command: what yargs has of its own, such as --help, is for yargs. */
function areOf(options: OptionSpecs, texts: object): boolean {
  const known = new Set(Object.entries(options).flatMap(([name, { alias }]) => [name, alias]))
  return Object.keys(texts).every(key => known.has(key))
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
