import { type Command, commonOptions } from '../commands/command.ts'
import { readValues } from '../commands/options.ts'
import type { CommonValues } from '../commands/session.ts'
import { readWellFormed } from './well-formed.ts'

/** A command line that was read: a command and its values, or a text to print instead, such as its help. */
export type CommandLine =
  | {
      readonly name: string
      readonly command: Command
      readonly values: Parameters<Command['run']>[0] & CommonValues
    }
  | { readonly text: string }

/**
 * Reads a command line, and opens nothing.
 * @param argv the words after the program's name
 * @throws {UsageError} when it is wrong
 */
export async function parseCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<CommandLine> {
  const found = (await readWellFormed(argv)) ?? (await readWithYargs(argv))
  if ('text' in found) return found
  const { name, command, texts } = found
  const options = { ...command.options, ...commonOptions }
  const read = readValues(texts, options, command.arguments, env)
  const values = read as Parameters<Command['run']>[0] & CommonValues
  command.check?.(values)
  return { name, command, values }
}

async function readWithYargs(argv: readonly string[]) {
  const yargs = await import('./with-yargs.ts')
  return yargs.readWithYargs(argv)
}
