import { readFileSync } from 'node:fs'
import type { Command } from './command.ts'
import { type CommandEntry, commands, GROUPS } from '../../index.ts'
import { inColumns, wrapped } from './layout.ts'

const EPILOGUE = `Every option can be given in the environment too: --max-message as GROUNDWIRE_MAX_MESSAGE.

Exit codes: 0 done, or stopped as asked; 1 it failed; 2 wrong command line; 3 no proxy or subscriber in time;
4 what was expected did not happen; 6 something was lost (--fail-on-loss).`

/** The text around the options in a help. */
export interface HelpFrame {
  readonly head: string
  readonly foot: string
}

/** Around the options of groundwire itself: its commands, in their groups. */
export function overviewFrame(width: number): HelpFrame {
  const widest = Math.max(...Object.values(commands).map(({ usage }) => usage.length))
  const groups = GROUPS.map(group => {
    const rows = Object.values(commands)
      .filter(entry => entry.group === group)
      .map(({ usage, summary }) => [`  ${usage.padEnd(widest)}`, summary] as const)
    return `${group}\n${inColumns(rows, width)}`
  })
  const purpose =
    'groundwire COMMAND: one role on a ground system bus each; groundwire help COMMAND tells more'
  return { head: [wrapped(purpose, width), ...groups].join('\n\n'), foot: wrapped(EPILOGUE, width) }
}

/** Around the arguments and options of a command. */
export function commandFrame({ usage, summary }: CommandEntry, command: Command, width: number): HelpFrame {
  const lines = command.examples.map(([line, meaning]) => `  groundwire ${line}\n      ${meaning}`)
  const notes = command.notes === undefined ? [] : [command.notes]
  const parts = [`Examples:\n${lines.join('\n')}`, ...notes, EPILOGUE]
  return {
    head: `groundwire ${usage}\n\n${wrapped(summary, width)}`,
    foot: parts.map(part => wrapped(part, width)).join('\n\n'),
  }
}

/** The version of the package. */
export function version(): string {
  const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
