import { readFileSync } from 'node:fs'
import yargs, { type Argv } from 'yargs'
import { type Command, commonOptions } from '../commands/command.ts'
import { commandIn, commands } from '../commands/index.ts'
import { UsageError } from '../core/errors.ts'
import { declareArguments, declareOptions, OWN_ALIASES, PARSER_CONFIGURATION } from './declarations.ts'
import type { Found } from './found.ts'
import { EPILOGUE, inTheUsersWords, STRINGS, unwrapped, WIDTH } from './wording.ts'

/**
 * Reads any command line: checks and explains it, and completes it for a shell.
 * @returns what it has, or a text to print instead
 * @throws {UsageError} when it is wrong
 */
export async function readWithYargs(argv: readonly string[]): Promise<Found | { text: string }> {
  let read: Found | { text: string } = { text: '' }
  const parser = await buildParser(argv, found => {
    read = found
  })
  await parser.parseAsync([...argv], {}, (_error, _values, text) => {
    if (text !== '') read = { text }
  })
  return read
}

/** The parser for this command line: only the commands that it names are loaded, the others are but listed. */
async function buildParser(argv: readonly string[], onFound: (found: Found) => void): Promise<Argv> {
  const parser = yargs()
    .scriptName('groundwire')
    .usage('groundwire COMMAND: one role on a ground system bus each; groundwire COMMAND --help tells more')
    .parserConfiguration(PARSER_CONFIGURATION)
    .updateStrings(STRINGS)
    // Laying the help out takes its time, though it is not shown.
    .wrap(argv.some(word => word === '--help' || word === '-h') ? WIDTH : null)
    .strict()
    .strictCommands()
    .demandCommand(1, 'missing command')
    .version(versionOf())
    .alias(OWN_ALIASES)
    .completion('completion', 'print a script that completes command lines, for bash or zsh')
    .epilogue(EPILOGUE)
    .exitProcess(false)
    .fail((message, error) => {
      // Not all that yargs throws is a YError, but nothing else is called in here: it is about the command line.
      throw new UsageError(inTheUsersWords(message ?? error?.message, argv), {
        hint: `see groundwire ${commandIn(argv) ?? ''} --help`.replace('  ', ' '),
      })
    })
  for (const [name, { usage, summary, load }] of Object.entries(commands)) {
    const command = argv.includes(name) ? (await load()).default : undefined
    parser.command(
      usage,
      summary,
      commandYargs =>
        command === undefined ? commandYargs : describe(commandYargs, usage, summary, command),
      texts => {
        if (command !== undefined) onFound({ name, command, texts })
      },
    )
  }
  return parser
}

function describe(yargs: Argv, usage: string, summary: string, command: Command): Argv {
  declareArguments(yargs, command.arguments)
  declareOptions(yargs, { ...command.options, ...commonOptions })
  // What is left over here is an argument too many, and not a command.
  yargs.strictCommands(false)
  for (const [line, meaning] of command.examples) yargs.example(`groundwire ${line}`, meaning)
  return yargs
    .usage(`groundwire ${usage}\n\n${summary}`)
    .epilogue(command.notes === undefined ? EPILOGUE : `${unwrapped(command.notes)}\n\n${EPILOGUE}`)
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
