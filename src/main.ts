import { readFileSync } from 'node:fs'
import yargs, { type Argv } from 'yargs'
import { loadColors } from './commands/colors.ts'
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

/** Runs a command with the texts that yargs has found. */
type Runner = (name: string, command: Command, found: Record<string, unknown>) => Promise<void>

/**
 * Runs one command line, from its words to its exit code. It is the one place that renders errors.
 * @param argv the words after the program's name
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = ExitCode.OK
  let session: Session | undefined
  if (io.stdout.isTTY || io.stderr.isTTY) await loadColors()
  const run: Runner = async (name, command, found) => {
    const values = readValues(found, { ...command.options, ...commonOptions }, command.arguments, io.env)
    session = new Session(name, values as unknown as CommonValues, io)
    exitCode = await command.run(values as Parameters<Command['run']>[0], session)
  }
  try {
    const parser = await buildParser(argv, run)
    let help = ''
    await parser.parseAsync([...argv], {}, (_error, _values, output) => {
      help = output
    })
    if (help !== '') io.stdout.write(`${help}\n`)
    return exitCode
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

/** The parser for this command line: only the commands that it names are loaded, the others are but listed. */
async function buildParser(argv: readonly string[], run: Runner): Promise<Argv> {
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
    .wrap(WIDTH)
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
      async values => {
        if (command !== undefined) await run(name, command, values)
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
    .epilogue(command.notes === undefined ? EPILOGUE : `${command.notes}\n\n${EPILOGUE}`)
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
