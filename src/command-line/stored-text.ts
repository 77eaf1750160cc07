import { readFileSync } from 'node:fs'
import { commands } from '../commands/index.ts'

// The build has yargs write the help and the version into dist/texts/: printing them from there takes no yargs.

/** The folder of the texts. Where there is no build, in the sources, there is none. */
export const TEXTS = new URL('../texts/', import.meta.url)

/** The texts by their names, and the command line that asks for each. */
export const STORED: Readonly<Record<string, readonly string[]>> = {
  help: ['--help'],
  version: ['--version'],
  ...Object.fromEntries(Object.keys(commands).map(name => [`help-${name}`, [name, '--help']])),
}

const SHORT: Readonly<Record<string, string>> = { '-h': '--help', '-V': '--version' }

/** The text that a command line asks for, and for nothing else; undefined where it has not been stored. */
export function storedText(argv: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  // By this variable yargs prints them otherwise.
  if (env['YARGS_DISABLE_WRAP']) return undefined
  const words = argv.map(word => SHORT[word] ?? word)
  const name = Object.keys(STORED).find(key => isSame(STORED[key] ?? [], words))
  if (name === undefined) return undefined
  try {
    return readFileSync(new URL(`${name}.txt`, TEXTS), 'utf8')
  } catch {
    return undefined
  }
}

function isSame(line: readonly string[], words: readonly string[]): boolean {
  return line.length === words.length && line.every((word, i) => word === words[i])
}
