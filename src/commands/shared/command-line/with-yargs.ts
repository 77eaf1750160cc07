import yargs, { type Argv } from 'yargs'
import { type Command, commonOptions, type RawCommandLine } from './command.ts'
import { commands } from '../../index.ts'
import { complaint, STRINGS } from './complaint.ts'
import { commandFrame, type HelpFrame, overviewFrame, version } from './help-text.ts'
import { DEFAULT_WIDTH } from './layout.ts'
import type { OptionSpecs } from './options.ts'
import { OWN_ALIASES, PARSER_CONFIGURATION } from './well-formed.ts'

/**
 * Reads any command line, checks and explains it. This is the full way, which loads yargs; well-formed.ts is the fast one.
 * @param width columns of a text
 * @returns the command line, or a text to print instead
 * @throws {UsageError} if it is wrong
 */
export async function readWithYargs(
  argv: readonly string[],
  width: number = DEFAULT_WIDTH,
): Promise<RawCommandLine | { text: string }> {
  let read: RawCommandLine | { text: string } = { text: '' }
  let frame: () => HelpFrame = () => overviewFrame(width)
  const parser = await buildParser(argv, width, {
    // yargs would remove the indentation from the text around the options.
    help: (name, command) => {
      const entry = commands[name]
      if (entry !== undefined) frame = () => commandFrame(entry, command, width)
    },
    found: found => {
      read = found
    },
  })
  await parser.parseAsync([...argv], {}, (_error, _values, text) => {
    if (text === '') return
    const { head, foot } = frame()
    read = { text: text === version() ? text : [head, text, foot].join('\n\n') }
  })
  return read
}

interface ParserEvents {
  /** The command whose help is shown, if any is. */
  readonly help: (name: string, command: Command) => void
  readonly found: (found: RawCommandLine) => void
}

/** The parser for this command line. It loads only the commands that the line names. */
async function buildParser(argv: readonly string[], width: number, on: ParserEvents): Promise<Argv> {
  const loaded: Record<string, Command> = {}
  for (const [name, { load }] of Object.entries(commands)) {
    if (argv.includes(name)) loaded[name] = (await load()).default
  }
  const parser = (yargs() as UsageConfigured)
    .usageConfiguration({ 'hide-types': true })
    .scriptName('groundwire')
    .usage(NO_USAGE)
    .parserConfiguration(PARSER_CONFIGURATION)
    .updateStrings(STRINGS)
    // Without this, yargs would lay out a help that is never shown, which takes time.
    .wrap(argv.some(word => /^(--help|-[a-z0]*h|help)$/i.test(word)) ? width : null)
    .strict()
    .strictCommands()
    .demandCommand(1, 'missing command')
    .help('help', 'show this help')
    .version('version', 'print the version', version())
    .alias(OWN_ALIASES)
    .exitProcess(false)
    .fail((message, error) => {
      // yargs does not always throw a YError, but only yargs is called in here: the error is about the command line.
      throw complaint(message ?? error?.message, argv, loaded)
    })
  for (const [name, { usage }] of Object.entries(commands)) {
    const command = loaded[name]
    parser.command(
      usage,
      // The overview lists them in groups.
      false,
      commandYargs => {
        if (command === undefined) return commandYargs
        on.help(name, command)
        return describe(commandYargs, command)
      },
      texts => {
        if (command !== undefined) on.found({ name, command, texts })
      },
    )
  }
  return parser
}

function describe(yargs: Argv, command: Command): Argv {
  declareArguments(yargs, command.arguments)
  declareOptions(yargs, { ...command.options, ...commonOptions })
  // A word left over here is an argument too many, not a command.
  return yargs.strictCommands(false).usage(NO_USAGE)
}

/** Declares the options to yargs, so that it finds their texts and explains them. */
function declareOptions(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    const shared = { describe: described(spec), ...(spec.alias === undefined ? {} : { alias: spec.alias }) }
    if ('flag' in spec) yargs.option(name, { ...shared, type: 'boolean' })
    else yargs.option(name, { ...shared, type: 'string', requiresArg: true })
  }
}

/** Declares the arguments of a command's usage to yargs. */
function declareArguments(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    if ('flag' in spec) continue
    yargs.positional(name, { describe: described(spec), type: 'string' })
    // Without this, yargs takes the word - for an option with an empty name.
    yargs.nargs(name, 1)
  }
}

/** An option's help text, with its default. yargs would put the default into a column of its own and break words there. */
function described(spec: OptionSpecs[string]): string {
  if ('flag' in spec) return spec.describe
  if (spec.default !== undefined) return `${spec.describe} (default: ${spec.default})`
  return spec.required ? `${spec.describe} (required)` : spec.describe
}

/** Empty, as the text around the options has a usage already. */
const NO_USAGE = null as unknown as string

/** Missing in yargs' types. */
type UsageConfigured = Argv & { usageConfiguration(configuration: { 'hide-types': boolean }): Argv }
