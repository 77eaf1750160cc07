import type { Command } from '../commands/command.ts'

/** What has been found on a command line, before anything is made of it. */
export interface Found {
  readonly name: string
  readonly command: Command
  /** The texts of its options and arguments, and in `_` the command's name and the words after `--`, as yargs has them. */
  readonly texts: Readonly<Record<string, unknown>>
}
