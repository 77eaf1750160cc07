/**
 * Runs the compiled tests of build/, or those of the files and folders that it is given, by their paths in test/:
 *
 *     npm test
 *     npm test -- test/core/wire test/exports.test.ts
 *
 * Most tests wait for processes and timers, so several files run at once. Those that measure what this machine keeps up with
 * run after them, one at a time.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { PROJECT } from './project.ts'

/** Files at once. They wait for most of their time, so that is more than a small machine has cores. */
const CONCURRENCY = 7
/** Tests that need no process of their own: several files share one, as it takes longer to start than they run. */
const SHARED = [
  /^test\/core\/(?!bus\/|client\/|udp\/)/,
  /^test\/core\/bus\/(bus-options|echoed-topic|forwarded-topic|hop-by-hop|prefix-tree|subscriptions|topic-(account|table))\./,
  /^test\/core\/bus\/zmtp\/(batch-pool|batcher|decoder|handshake|reader|route|subscription-feed|turns)\./,
  /^test\/commands\/bench\/(latency-histogram|report-text|rate-search|load)\./,
  /^test\/commands\/(shared\/command-line\/values|shared\/reports|tap\/expectation)\./,
  /^test\/(bench\/(tap-search|pace)|faults\/(verdict|arrivals))\./,
]
/** Processes for those. */
const SHARES = 3
/** Time limit for one file, in ms. */
const TIMEOUT_MS = 120_000
/** Tests of what this machine keeps up with: each has it for itself. */
const ALONE = ['test/commands/loss/none', 'test/commands/tap/slow-reader']
/** The slowest kinds begin first, so that none of them is the last. */
const FIRST = ['test/commands/', 'test/docs/', 'test/core/bus/']

const build = path.join(PROJECT, 'build')

interface Event {
  readonly type: string
  readonly data: { readonly nesting?: number; readonly message?: string; readonly file?: string }
}

function testFiles(chosen: readonly string[]): string[] {
  const all = readdirSync(path.join(build, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.js'))
    .map(name => `test/${name}`)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  if (chosen.length === 0) return all
  const wanted = chosen.map(name => path.relative(PROJECT, path.resolve(name)).replace(/\.ts$/, '.js'))
  return all.filter(file => wanted.some(name => file === name || file.startsWith(`${name}/`)))
}

function rank(file: string): number {
  const at = FIRST.findIndex(folder => file.startsWith(folder))
  return at < 0 ? FIRST.length : at
}

/** Gives the events of several runs, with one summary at the end. */
async function* eventsOf(groups: readonly { files: string[]; concurrency: number }[]): AsyncGenerator<Event> {
  const totals = new Map<string, number>()
  for (const { files, concurrency } of groups) {
    const paths = files.map(file => path.join(build, file))
    for await (const event of run({
      files: paths,
      concurrency,
      timeout: TIMEOUT_MS,
    }) as AsyncIterable<Event>) {
      const [, name, count] = /^([a-z_]+) ([\d.]+)$/.exec(event.data.message ?? '') ?? []
      if (event.type === 'test:fail') process.exitCode = 1
      const isSummary =
        event.type === 'test:diagnostic' && event.data.nesting === 0 && event.data.file === undefined
      if (isSummary && name !== undefined) totals.set(name, (totals.get(name) ?? 0) + Number(count))
      else yield event
    }
  }
  for (const [name, count] of totals) {
    yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${count}` } }
  }
}

function isShared(file: string): boolean {
  return SHARED.some(pattern => pattern.test(file))
}

/** Puts the files of {@link SHARED} into a few that import them. */
function shared(all: readonly string[]): string[] {
  const together = all.filter(isShared)
  const shares = Array.from({ length: SHARES }, (_, share) => {
    const name = `test/share-${share + 1}.js`
    const imports = together.filter((_file, i) => i % SHARES === share).map(file => `import '../${file}'\n`)
    writeFileSync(path.join(build, name), imports.join(''))
    return name
  })
  return [...all.filter(file => !isShared(file)), ...shares]
}

const chosen = process.argv.slice(2)
const files = chosen.length === 0 ? shared(testFiles([])) : testFiles(chosen)
const isAlone = (file: string) => ALONE.some(folder => file.startsWith(folder))
const groups = [
  { files: files.filter(file => !isAlone(file)), concurrency: CONCURRENCY },
  { files: files.filter(isAlone), concurrency: 1 },
].filter(group => group.files.length > 0)

if (groups.length === 0) {
  process.stderr.write(`no test file is called ${process.argv.slice(2).join(' or ')}\n`)
  process.exitCode = 2
}
Readable.from(eventsOf(groups)).compose(new spec()).pipe(process.stdout)
