import type { Command } from './command.ts'

/** The words of a command line, sorted by option and argument, before their texts become values. */
export interface RawCommandLine {
  readonly name: string
  readonly command: Command
  /** The texts of its options and arguments, and in `_` the command's name and the words after `--`, as yargs has them. */
  readonly texts: Readonly<Record<string, unknown>>
}
