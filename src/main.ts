import { readFileSync } from 'node:fs'
import yargs, { type Argv } from 'yargs'
import { type Command, commonOptions } from './commands/command.ts'
import { ExitCode, exitCodeOf } from './commands/exit-code.ts'
import { commands } from './commands/index.ts'
import { declareArguments, declareOptions, readValues } from './commands/options.ts'
import { type CommonValues, type Io, Session } from './commands/session.ts'
import { Terminal } from './commands/terminal.ts'
import { GroundwireError, UsageError } from './core/errors.ts'

/** Columns of the help: the same on every terminal and in every pipe. */
const WIDTH = 110

const EPILOGUE = `Every option can be given in the environment too: --max-message as GROUNDWIRE_MAX_MESSAGE.
Exit codes: 0 done, or stopped as asked; 1 it failed; 2 wrong command line; 3 no proxy or subscriber in time;
4 what was expected did not happen; 5 refused by the other side; 6 something was lost (--fail-on-loss).`

/** yargs' sentences in our words. It takes a singular and a plural too, which its types don't know. */
const STRINGS = {
  'Unknown argument: %s': numberless('unknown option or argument: %s'),
  'Unknown command: %s': numberless('unknown command: %s'),
  'Not enough arguments following: %s': 'missing value of option: %s',
  'Not enough non-option arguments: got %s, need at least %s': numberless(
    'missing argument: %s given, %s needed',
  ),
} as unknown as Record<string, string>

/** A command line that was read: a command and its values, or a text to print instead, such as its help. */
export type CommandLine =
  | {
      readonly name: string
      readonly command: Command
      readonly values: Parameters<Command['run']>[0] & CommonValues
    }
  | { readonly text: string }

/** Called with the command that the command line names, and the texts that yargs has found for it. */
type OnCommand = (name: string, command: Command, found: Record<string, unknown>) => void

/**
 * Runs one command line, from its words to its exit code. It is the one place that renders errors.
 * @param argv the words after the program's name
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let session: Session | undefined
  try {
    const line = await parseCommandLine(argv, io.env)
    if ('text' in line) {
      if (line.text !== '') io.stdout.write(`${line.text}\n`)
      return ExitCode.OK
    }
    session = new Session(line.name, line.values, io)
    return await line.command.run(line.values, session)
  } catch (error) {
    const terminal = session?.terminal ?? plainTerminal(argv, io)
    // The error that is told is the first one.
    await session?.closeBooks().catch(() => {})
    if (error instanceof GroundwireError) {
      terminal.error(error.message, error.hint)
      return exitCodeOf(error.code)
    }
    terminal.error(`a defect in groundwire: ${error instanceof Error ? error.stack : String(error)}`)
    return ExitCode.FAILED
  }
}

/**
 * Reads a command line, and opens nothing.
 * @param argv the words after the program's name
 * @throws {UsageError} when it is wrong
 */
export async function parseCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<CommandLine> {
  let line: CommandLine = { text: '' }
  const parser = await buildParser(argv, (name, command, found) => {
    const options = { ...command.options, ...commonOptions }
    const read = readValues(found, options, command.arguments, env)
    const values = read as Parameters<Command['run']>[0] & CommonValues
    command.check?.(values)
    line = { name, command, values }
  })
  await parser.parseAsync([...argv], {}, (_error, _values, text) => {
    if (text !== '') line = { text }
  })
  return line
}

/** The parser for this command line: only the commands that it names are loaded, the others are but listed. */
async function buildParser(argv: readonly string[], onCommand: OnCommand): Promise<Argv> {
  const parser = yargs()
    .scriptName('groundwire')
    .usage('groundwire COMMAND: one role on a ground system bus each; groundwire COMMAND --help tells more')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
    })
    .updateStrings(STRINGS)
    // Laying the help out is a tenth of what a one-off command takes, though it is not shown.
    .wrap(argv.some(word => word === '--help' || word === '-h') ? WIDTH : null)
    .strict()
    .strictCommands()
    .demandCommand(1, 'missing command')
    .version(versionOf())
    .alias('help', 'h')
    .alias('version', 'V')
    .completion('completion', 'print a script that completes command lines, for bash or zsh')
    .epilogue(EPILOGUE)
    .exitProcess(false)
    .fail((message, error) => {
      // Anything that is not about the command line comes from a command, and keeps its own words.
      if (error !== undefined && error.name !== 'YError') throw error
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
      values => {
        if (command !== undefined) onCommand(name, command, values)
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

/** Notes as the help wraps them: an empty line ends a paragraph, an indented line stays one. */
function unwrapped(notes: string): string {
  const paragraphs = notes.split('\n\n').map(paragraph => paragraph.replaceAll(/\n(?! )/g, ' '))
  return paragraphs.join('\n')
}

function numberless(text: string): { one: string; other: string } {
  return { one: text, other: text }
}

/** Names the options in a sentence of yargs' as they were written: it knows `--count` as `count`, and `-c` as `c`. */
function inTheUsersWords(message: string, argv: readonly string[]): string {
  const [, what, names = ''] = /^([^:]+): (.+)$/.exec(message) ?? []
  if (what === undefined) return argv[0] === undefined ? message : `${message}: '${argv[0]}' is none`
  const written = names.split(', ').map(name => {
    const option = name.length === 1 ? `-${name}` : `--${name}`
    return argv.some(word => word === option || word.startsWith(`${option}=`)) ? option : name
  })
  return `${what}: ${written.join(', ')}`
}

function commandIn(argv: readonly string[]): string | undefined {
  return argv.find(word => Object.hasOwn(commands, word))
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

/** For an error that came before a command's own options were read. */
function plainTerminal(argv: readonly string[], { stderr, env }: Io): Terminal {
  const command = commandIn(argv) ?? 'groundwire'
  const color = !argv.includes('--no-color')
  return new Terminal({ stderr, env, command, quiet: false, verbose: false, color })
}
