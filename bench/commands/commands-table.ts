import { grouped } from '../../src/core/format/figures.ts'
import { markdownTable } from '../../src/core/format/table.ts'
import type { CommandResult } from './commands.ts'

/** The rates that the commands carry, as a table in Markdown. */
export function commandsTable(results: readonly CommandResult[]): string {
  const head = [
    'command',
    'bytes',
    'target',
    'carried',
    'lost',
    'CPU a message',
    'of the proxy',
    'of the load',
    'peak RSS',
  ]
  return `Commands on a bus\n\n${markdownTable([head, ...results.map(rowOf)])}`
}

function rowOf({ command, size, target, rate, lost, messages, limitedBy, roles }: CommandResult): string[] {
  const [name = ''] = command.split(' ')
  const { [name]: own, proxy, generator } = roles
  const met = target === null || rate >= target * MET_SHARE
  return [
    command,
    grouped(size),
    target === null ? '' : `${grouped(target)}/s`,
    `${limitedBy === null ? '' : '≥ '}${grouped(rate)}/s${met ? '' : ' (missed)'}`,
    lost === 0 ? '0' : `${grouped(lost)} of ${grouped(messages)}`,
    micros(own?.cpuUs),
    micros(proxy?.cpuUs),
    micros(generator?.cpuUs),
    own === undefined ? '' : `${Math.round(own.peakMiB)} MiB`,
  ]
}

/** A rate counts as reached from this share on. */
const MET_SHARE = 0.97

function micros(us: number | undefined): string {
  return us === undefined ? '' : `${us.toFixed(1)} µs`
}
