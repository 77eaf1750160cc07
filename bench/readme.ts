// npm run bench:readme: bench/results/latest.json as tables, into the README (one) and docs/bench.md (all), between their marks.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../scripts/project.ts'
import { microseconds } from '../src/core/format/figures.ts'
import { markdownTable } from '../src/core/format/table.ts'
import { type ChainResult, cpuOf } from './chains/result.ts'
import { rateText } from './chains/table.ts'
import { readResult, type RunResult } from './result.ts'
import { median, spreadText } from './statistics.ts'
import { circumstancesOf, tablesOf } from './tables.ts'

const BEGIN = '<!-- made by npm run bench:readme -->\n'
const END = '<!-- until here -->\n'

/** Chains that the README leaves out: those without a bus, and groundwire's other carrier. */
const LEFT_OUT: ReadonlySet<string> = new Set(['socat', 'nothing between', 'groundwire, libzmq'])

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

/** One table of a run: its first size, a row for each chain over a bus, in the bench's own order: tuned ones first. */
export function speedTable({ chains, cold }: RunResult): string {
  if (chains === undefined) return 'Not measured yet.\n'
  const size = chains.results[0]?.size
  const rows = chains.results.filter(row => row.size === size && !LEFT_OUT.has(row.chain))
  const own = rows.find(({ chain }) => chain === 'groundwire')
  const table = markdownTable([
    [`${size ?? ''} bytes`, 'no-drop rate', 'ratio', 'spread', 'cold', 'p99 at 8,000/s', 'CPU a message'],
    ...rows.map(row => {
      const first = cold?.results.find(({ chain }) => chain === row.chain)
      return [
        row.chain,
        rateText(median(row.noDrop), row.limitedBy),
        own === undefined ? '' : (median(row.noDrop) / Math.max(1, median(own.noDrop))).toFixed(2),
        spreadText(row.spread),
        first === undefined ? '' : rateText(first.noDrop, first.limitedBy),
        latencyText(row),
        `${cpuOf(row.roles).toFixed(1)} µs`,
      ]
    }),
  ])
  return `${table}\n${circumstancesOf(chains)}\n`
}

export function readPage(page: string): string {
  return readFileSync(path.join(PROJECT, page), 'utf8')
}

function latencyText({ rates }: ChainResult): string {
  const at = rates.find(({ rate }) => rate === 8_000)
  return at === undefined ? '' : microseconds(at.p99)
}

if (process.argv[1] === import.meta.filename) {
  const result = readResult('latest')
  for (const [page, tables] of Object.entries(PAGES))
    writeFileSync(path.join(PROJECT, page), withTables(readPage(page), tables(result)))
}
