import type { Command } from './shared/command-line/command.ts'

/** The groups of commands in the overview, by the direction of messages. */
export const GROUPS = ['onto the bus', 'off the bus', 'the bus', 'look', 'try', 'shell'] as const

/** A command in the overview. Its own module is loaded only when it is called. */
export interface CommandEntry {
  readonly group: (typeof GROUPS)[number]
  /** Name and arguments in yargs' notation: `<required>`, `[optional]`, `[several..]`. */
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<{ default: Command }>
}

function entry(
  group: CommandEntry['group'],
  usage: string,
  summary: string,
  load: () => Promise<{ default: unknown }>,
): CommandEntry {
  // A command's run takes the values of its own options, and only those options make them.
  return { group, usage, summary, load: load as CommandEntry['load'] }
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  'udp-in': entry(
    'onto the bus',
    'udp-in <listen> <topic>',
    'publish UDP datagrams to a topic',
    () => import('./udp-in.ts'),
  ),
  publish: entry(
    'onto the bus',
    'publish <topic> [message]',
    'publish one message, or many',
    () => import('./publish/index.ts'),
  ),
  'udp-out': entry(
    'off the bus',
    'udp-out [topics..]',
    'send the messages of topics as UDP datagrams',
    () => import('./udp-out.ts'),
  ),
  tap: entry(
    'off the bus',
    'tap [topics..]',
    'show, count and record what passes on the bus',
    () => import('./tap/index.ts'),
  ),
  proxy: entry('the bus', 'proxy', 'run the XSUB/XPUB broker of the bus', () => import('./proxy/index.ts')),
  bench: entry(
    'look',
    'bench',
    "find out what this machine's bus carries without loss, and how fast",
    () => import('./bench/index.ts'),
  ),
  simulate: entry(
    'try',
    'simulate',
    'send CCSDS telemetry packets over UDP, to try things with',
    () => import('./simulate.ts'),
  ),
  demo: entry(
    'try',
    'demo',
    'run the whole chain in one process for a few seconds',
    () => import('./demo/index.ts'),
  ),
  completion: entry(
    'shell',
    'completion [shell]',
    'print a script that completes command lines, for bash or zsh',
    () => import('./completion.ts'),
  ),
}

/** The command that a command line names, whether the rest of the line is right or wrong. */
export function commandIn(argv: readonly string[]): string | undefined {
  return argv.find(word => Object.hasOwn(commands, word))
}
