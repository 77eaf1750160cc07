import yargs, { type Argv } from 'yargs'
import { type Command, commonOptions, type RawCommandLine } from './command.ts'
import { commands } from '../../index.ts'
import { complaint, STRINGS } from './complaint.ts'
import { commandFrame, type HelpFrame, overviewFrame, version } from './help-text.ts'
import { DEFAULT_WIDTH } from './layout.ts'
import type { OptionSpecs } from './options.ts'
import { OWN_ALIASES, PARSER_CONFIGURATION } from './well-formed.ts'

/**
 * Reads any command line, checks and explains it: the full way, which loads yargs. See well-formed.ts for the fast one.
 * @param width columns that a text may have
 * @returns the command line, or a text to print instead
 * @throws {UsageError} when it is wrong
 */
export async function readWithYargs(
  argv: readonly string[],
  width: number = DEFAULT_WIDTH,
): Promise<RawCommandLine | { text: string }> {
  let read: RawCommandLine | { text: string } = { text: '' }
  let frame: () => HelpFrame = () => overviewFrame(width)
  const parser = await buildParser(argv, width, {
    // yargs would take the indentation out of what stands around the options.
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
  /** A help, if there is one, is that of this command. */
  readonly help: (name: string, command: Command) => void
  readonly found: (found: RawCommandLine) => void
}

/** The parser for this command line: only the commands that it names are loaded. */
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
    // Laying the help out takes its time, though it is not shown.
    .wrap(argv.some(word => /^(--help|-[a-z0]*h|help)$/i.test(word)) ? width : null)
    .strict()
    .strictCommands()
    .demandCommand(1, 'missing command')
    .help('help', 'show this help')
    .version('version', 'print the version', version())
    .alias(OWN_ALIASES)
    .exitProcess(false)
    .fail((message, error) => {
      // Not all that yargs throws is a YError, but nothing else is called in here: it is about the command line.
      throw complaint(message ?? error?.message, argv, loaded)
    })
  for (const [name, { usage }] of Object.entries(commands)) {
    const command = loaded[name]
    parser.command(
      usage,
      // The overview has them in groups.
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
  // A word that is left over here is an argument too many, and not a command.
  return yargs.strictCommands(false).usage(NO_USAGE)
}

/** Tells yargs which options there are, so that it finds their texts and explains them. */
function declareOptions(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    const shared = { describe: described(spec), ...(spec.alias === undefined ? {} : { alias: spec.alias }) }
    if ('flag' in spec) yargs.option(name, { ...shared, type: 'boolean' })
    else yargs.option(name, { ...shared, type: 'string', requiresArg: true })
  }
}

/** Tells yargs of the arguments that stand in a command's usage. */
function declareArguments(yargs: Argv, specs: OptionSpecs): void {
  for (const [name, spec] of Object.entries(specs)) {
    if ('flag' in spec) continue
    yargs.positional(name, { describe: described(spec), type: 'string' })
    // Without it, the word - is an option without a name, and empty.
    yargs.nargs(name, 1)
  }
}

/** An option's help text, with its default: yargs would put that into a column of its own and break words there. */
function described(spec: OptionSpecs[string]): string {
  if ('flag' in spec) return spec.describe
  if (spec.default !== undefined) return `${spec.describe} (default: ${spec.default})`
  return spec.required ? `${spec.describe} (required)` : spec.describe
}

/** There is a usage already, in what stands around the options. */
const NO_USAGE = null as unknown as string

/** yargs' types don't know of it. */
type UsageConfigured = Argv & { usageConfiguration(configuration: { 'hide-types': boolean }): Argv }
