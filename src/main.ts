import { loadColors } from './commands/shared/terminal/colors.ts'
import { ExitCode, exitCodeOf } from './commands/shared/exit-code.ts'
import { commandIn } from './commands/index.ts'
import type { Io, Session } from './commands/shared/session.ts'
import type { Terminal } from './commands/shared/terminal/terminal.ts'
import { GroundwireError } from './core/errors.ts'

// Modules that are not needed to print a text are loaded at their first use.

/**
 * Runs one command line and returns its exit code. The one place that renders errors.
 * @param argv the words after the program's name
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let session: Session | undefined
  if (io.stdout.isTTY || io.stderr.isTTY) await loadColors()
  try {
    const line = await read(argv, io)
    if ('text' in line) {
      if (line.text !== '') await writeStandardOutput(line.text, io)
      return ExitCode.OK
    }
    const { Session } = await import('./commands/shared/session.ts')
    session = new Session(line.name, line.values, io)
    return await line.command.run(line.values, session)
  } catch (error) {
    const terminal = session?.terminal ?? (await plainTerminal(argv, io))
    const failure = error instanceof GroundwireError ? error : shortageOf(error)
    if (failure !== undefined) terminal.error(failure.message, failure.hint)
    else terminal.defect(error)
    await session?.closeBooks()
    return failure === undefined ? ExitCode.FAILED : exitCodeOf(failure.code)
  }
}

/** The failure that the system's error stands for if files can't be opened any more: modules are files, too. */
function shortageOf(cause: unknown): GroundwireError | undefined {
  const { code } = Object(cause) as NodeJS.ErrnoException
  if (code !== 'EMFILE' && code !== 'ENFILE') return undefined
  const hint = 'ulimit -n, or LimitNOFILE= of its service, sets how many there may be'
  return new GroundwireError('IO', 'there are too few file descriptors to start', { cause, hint })
}

async function read(argv: readonly string[], { env, stdout }: Io) {
  const [{ parseCommandLine }, { widthOf }] = await Promise.all([
    import('./commands/shared/command-line/parse.ts'),
    import('./commands/shared/command-line/layout.ts'),
  ])
  return parseCommandLine(argv, env, widthOf(stdout, env))
}

async function writeStandardOutput(text: string, io: Io): Promise<void> {
  const { writeText } = await import('./commands/shared/terminal/standard-output.ts')
  await writeText(io, `${text}\n`)
}

/** The terminal for an error that comes before a command's own options are read. */
async function plainTerminal(argv: readonly string[], { stderr, env }: Io): Promise<Terminal> {
  const command = commandIn(argv) ?? 'groundwire'
  const color = !argv.includes('--no-color')
  const timestamps =
    argv.includes('--timestamps') || /^(1|true|yes|on)$/i.test(env['GROUNDWIRE_TIMESTAMPS'] ?? '')
  const { Terminal } = await import('./commands/shared/terminal/terminal.ts')
  return new Terminal({ stderr, env, command, quiet: false, verbose: false, color, timestamps })
}
