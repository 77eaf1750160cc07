// npm run bench:readme: bench/results/latest.json as tables, into the README (one) and docs/bench.md (all), between their marks.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../scripts/project.ts'
import { grouped, microseconds } from '../src/core/format/figures.ts'
import { markdownTable } from '../src/core/format/table.ts'
import { median, type PeerResult, type RunResult, tablesOf } from './tables.ts'

const BEGIN = '<!-- made by npm run bench:readme -->\n'
const END = '<!-- until here -->\n'

/** Chains without a bus: the floor, and the bench itself. The README leaves them out. */
const BUSLESS: ReadonlySet<string> = new Set(['socat', 'nothing between'])

/** The documents with figures, and what each shows of a run. */
export const PAGES: Readonly<Record<string, (result: RunResult) => string>> = {
  'README.md': speedTable,
  'docs/bench.md': tablesOf,
}

/** A page with its tables of a run between the marks. */
export function withTables(text: string, tables: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new TypeError('the page has no place for the tables of the bench')
  return `${text.slice(0, begin + BEGIN.length)}\n${tables}\n${text.slice(end)}`
}

/** One table of a run: its first size, a row for each chain over a bus. */
export function speedTable({ results, machine, started }: RunResult): string {
  const size = results[0]?.size
  const rows = results.filter(row => row.size === size && !BUSLESS.has(row.chain))
  const own = rows.find(({ chain }) => chain === 'groundwire')
  const table = markdownTable([
    [`${size ?? ''} bytes`, 'no-drop rate', 'ratio', 'spread', 'p99 at 5,000/s', 'CPU a message'],
    ...rows.map(row => [
      row.chain,
      `${row.limitedBy === null ? '' : '≥ '}${grouped(median(row.noDrop))}/s`,
      own === undefined ? '' : (median(row.noDrop) / Math.max(1, median(own.noDrop))).toFixed(2),
      `${Math.round(row.spread * 100)} %`,
      microseconds(row.latency.p99),
      `${cpuOf(row).toFixed(1)} µs`,
    ]),
  ])
  return `${table}\nMeasured on ${started.slice(0, 10)} on ${machine}.\n`
}

export function readResult(): RunResult {
  return JSON.parse(readFileSync(path.join(PROJECT, 'bench/results/latest.json'), 'utf8')) as RunResult
}

export function readPage(page: string): string {
  return readFileSync(path.join(PROJECT, page), 'utf8')
}

function cpuOf({ roles }: PeerResult): number {
  return Object.values(roles).reduce((sum, { cpuUs }) => sum + cpuUs, 0)
}

if (process.argv[1] === import.meta.filename) {
  const result = readResult()
  for (const [page, tables] of Object.entries(PAGES))
    writeFileSync(path.join(PROJECT, page), withTables(readPage(page), tables(result)))
}
