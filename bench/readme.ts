// npm run bench:readme: the tables of bench/results/latest.json into the main README, where its marks are.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../scripts/project.ts'
import { type RunResult, tablesOf } from './tables.ts'

const BEGIN = '<!-- made by npm run bench:readme -->\n'
const END = '<!-- until here -->\n'

/** The README with the tables of a run: those of its first size, and of the commands. The others stand in the results. */
export function withTables(readme: string, result: RunResult): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new TypeError('the README has no place for the tables of the bench')
  const size = result.results[0]?.size
  const results = result.results.filter(row => row.size === size)
  return `${readme.slice(0, begin + BEGIN.length)}\n${tablesOf({ ...result, results })}\n${readme.slice(end)}`
}

export function readResult(): RunResult {
  return JSON.parse(readFileSync(path.join(PROJECT, 'bench/results/latest.json'), 'utf8')) as RunResult
}

export const README = path.join(PROJECT, 'README.md')

if (process.argv[1] === import.meta.filename) {
  const readme = readFileSync(README, 'utf8')
  writeFileSync(README, withTables(readme, readResult()))
}
