import type { Command } from './command.ts'

/** A command as the overview lists it: the file that defines it is loaded only when it is called. */
export interface CommandEntry {
  /** The name and the arguments, in yargs' notation: `<required>`, `[optional]`, `[several..]`. */
  readonly usage: string
  readonly summary: string
  readonly load: () => Promise<{ default: Command }>
}

function entry(usage: string, summary: string, load: () => Promise<{ default: unknown }>): CommandEntry {
  // A command's run takes the values of its own options, which only its own options can make.
  return { usage, summary, load: load as CommandEntry['load'] }
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  'udp-in': entry('udp-in <listen> <topic>', 'publish UDP datagrams to a topic', () => import('./udp-in.ts')),
  'udp-out': entry(
    'udp-out [topics..]',
    'send the messages of topics as UDP datagrams',
    () => import('./udp-out.ts'),
  ),
  proxy: entry('proxy', 'run the XSUB/XPUB broker of the bus', () => import('./proxy.ts')),
  tap: entry('tap [topics..]', 'show, count and record what passes on the bus', () => import('./tap.ts')),
  publish: entry('publish <topic> [message]', 'publish one message, or many', () => import('./publish.ts')),
  simulate: entry(
    'simulate',
    'send CCSDS telemetry packets over UDP, to try things with',
    () => import('./simulate.ts'),
  ),
  bench: entry(
    'bench',
    "find out what this machine's bus carries without loss, and how fast",
    () => import('./bench.ts'),
  ),
  demo: entry('demo', 'run the whole chain in one process for a few seconds', () => import('./demo.ts')),
}

/** The command that a command line names, right or wrong as it is. */
export function commandIn(argv: readonly string[]): string | undefined {
  return argv.find(word => Object.hasOwn(commands, word))
}
