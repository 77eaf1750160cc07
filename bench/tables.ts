import { chainTables, coldTable } from './chains/table.ts'
import { commandsTable } from './commands/commands-table.ts'
import { fileTable } from './file/table.ts'
import { foreignText } from './foreign-load.ts'
import type { PartResult, RunResult } from './result.ts'
import { scaleTable } from './scale/table.ts'

/** Formats the tables of a run in Markdown. */
export function tablesOf({ chains, cold, scale, file, commands }: RunResult): string {
  return [
    chains && section('Chains', chains, chainTables(chains.results)),
    cold && section('Cold chains', cold, coldTable(cold.results, chains?.results ?? [])),
    scale && section('Scale', scale, scaleTable(scale.results)),
    file && section('A file', file, fileTable(file.results)),
    commands && section('Commands on a bus', commands, commandsTable(commands.results)),
  ]
    .filter(text => text !== undefined)
    .join('\n')
}

/** One sentence on where and when a part was measured. */
export function circumstancesOf({
  started,
  minutes,
  machine,
  trialMs,
  load,
  foreign,
}: PartResult<unknown>): string {
  const trial = trialMs === null ? '' : `, ${trialMs / 1000} s a trial`
  const when = `Measured on ${started.slice(0, 10)} in ${minutes} minutes on ${machine}${trial}.`
  const language = load === null ? '' : ` Generator and receiver are in ${load}.`
  return `${when}${language} ${foreignText(foreign)}`
}

function section<T>(title: string, part: PartResult<T>, table: string): string {
  const left = Object.entries(part.skipped).map(([name, why]) => `Without ${name}: ${why}.\n`)
  return [
    `### ${title}\n`,
    `${circumstancesOf(part)}\n`,
    ...left,
    part.results.length === 0 ? '' : table,
  ].join('\n')
}
