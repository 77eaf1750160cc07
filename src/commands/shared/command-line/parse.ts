import { type Command, commonOptions } from './command.ts'
import { commands } from '../../index.ts'
import { readValues } from './options.ts'
import type { CommonValues } from '../session.ts'
import { readWellFormed } from './well-formed.ts'

/** A parsed command line: a command and its values, or a text to print instead, such as its help. */
export type CommandLine =
  | {
      readonly name: string
      readonly command: Command
      readonly values: Parameters<Command['run']>[0] & CommonValues
    }
  | { readonly text: string }

/**
 * Parses a command line. It opens nothing.
 * @param argv the words after the program's name
 * @param width columns of a text. Default 80
 * @throws {UsageError} if it is wrong
 */
export async function parseCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  width?: number,
): Promise<CommandLine> {
  const words = withHelpLast(argv)
  const found = (await readWellFormed(words)) ?? (await readAnyOther(words, env, width))
  if ('text' in found) return found
  const { name, command, texts } = found
  const options = { ...command.options, ...commonOptions }
  const read = readValues(texts, options, command.arguments, env)
  const values = read as Parameters<Command['run']>[0] & CommonValues
  command.check?.(values)
  return { name, command, values }
}

/** `groundwire help tap` is `groundwire tap --help`. Without any word it shows the commands, as `git` and `docker` do. */
function withHelpLast(argv: readonly string[]): readonly string[] {
  const [first = 'help', ...rest] = argv
  return first === 'help' ? [...rest, '--help'] : argv
}

async function readAnyOther(argv: readonly string[], env: NodeJS.ProcessEnv, width: number | undefined) {
  const [first = ''] = argv
  if (argv.length === 1 && ['--version', '-V'].includes(first)) {
    const { version } = await import('./help-text.ts')
    return { text: version() }
  }
  if (/^--(complete|get-yargs-completions)$/.test(first)) {
    const { completionText } = await import('./complete.ts')
    return { text: await completionText(argv, env) }
  }
  if (!first.startsWith('-') && !Object.hasOwn(commands, first)) {
    const { unknownCommand } = await import('./complaint.ts')
    throw unknownCommand(first)
  }
  const { readWithYargs } = await import('./with-yargs.ts')
  return readWithYargs(argv, width)
}
