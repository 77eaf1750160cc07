import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { LedgerFile } from '../../../src/commands/shared/ledger-file.ts'
import { Ledger } from '../../../src/core/ledger.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { makeFifo } from '../../helpers/fifo.ts'
import { CLI, groundwire, ready, Run, shell, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger, readLedger } from '../../helpers/ledger.ts'
import { tool } from '../../helpers/peers.ts'
import { eventually, untilExists } from '../../helpers/spawned.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A ledger file, and what it says of itself. */
function ledgerFile(path: string): { file: LedgerFile; ledger: Ledger; said: string[] } {
  const said: string[] = []
  const say = (text: string) => said.push(text)
  const ledger = new Ledger('test')
  return { file: new LedgerFile(path, ledger, { warn: say, info: say }), ledger, said }
}

test('a folder that does not exist is a warning; the role works, and its exit is 1', async t => {
  const folder = temporaryFolder(t)
  const file = folder.path('no-such-folder/proxy.json')
  const proxy = await startProxy(t, `--ledger ${file}`)
  assert.match(
    proxy.run.stderr,
    /^proxy: warning: the ledger can't be written to \S+, and is tried again: ENOENT/,
  )
  const tap = groundwire(t, 'tap telem -c 1', { env: proxy.env })
  assert.equal((await groundwire(t, 'publish telem hello', { env: proxy.env }).exit).code, 0)
  assert.equal((await tap.exit).code, 0)
  const { code, stderr } = await proxy.run.stop()
  assert.equal(code, 1)
  assert.match(stderr, /proxy: error: the ledger's last record can't be written to \S+: ENOENT.*\n/)
  assert.match(stderr, /proxy: received 1 \(5 bytes\), sent 1, unheard 0, lost 0\n/)
  assert.equal(stderr.match(/can't be written to/g)?.length, 2)
})

test('what can be written again is, without a word too many, and the exit is 0', async t => {
  const folder = temporaryFolder(t)
  mkdirSync(folder.path('books'))
  const file = folder.path('books/proxy.json')
  const { run } = await startProxy(t, `--ledger ${file}`)
  rmSync(folder.path('books'), { recursive: true })
  await run.untilStderr(/warning: the ledger can't be written to /)
  mkdirSync(folder.path('books'))
  await run.untilStderr(/proxy: the ledger is at \S+ again\n/)
  assert.equal(readLedger(file).stopped, null)
  const { code, stderr } = await run.stop()
  assert.equal(code, 0, stderr)
  closedLedger(file)
  assert.deepEqual(readdirSync(folder.path('books')), ['proxy.json'])
})

test('a full disk, a record that is too long: each is a problem that ends nothing', async t => {
  const folder = temporaryFolder(t)
  const { file, ledger, said } = ledgerFile(folder.path('ledger.json'))
  let tooLong = true
  ledger.addSection('peers', () => {
    if (tooLong) throw new RangeError('Invalid string length')
    return {}
  })
  await file.start()
  assert.match(said.join('\n'), /can't be written to \S+, and is tried again: Invalid string length$/)
  tooLong = false
  await eventually(() => said.length > 1, 'another attempt')
  assert.match(said[1] ?? '', /^the ledger is at \S+ again$/)
  assert.equal(await file.finish(), undefined)
  assert.equal(readLedger(folder.path('ledger.json')).command, 'test')

  const full = ledgerFile('/dev/full')
  await full.file.start()
  assert.match((await full.file.finish()) ?? '', /ENOSPC/)
})

test('no file descriptors left is a warning, until there are', async t => {
  if (!tool('prlimit')) return t.skip('prlimit, of util-linux, is not installed')
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const tap = await ready(t, proxy, `tap --ledger ${folder.path('tap.json')}`)
  const limit = (files: number) =>
    execFileSync('prlimit', ['--pid', String(tap.pid), `--nofile=${files}:4096`])
  limit(3)
  await tap.untilStderr(/warning: the ledger can't be written to \S+, and is tried again: EMFILE/)
  limit(1024)
  await tap.untilStderr(/tap: the ledger is at \S+ again\n/)
  assert.equal((await tap.stop()).code, 0)
  closedLedger(folder.path('tap.json'))
})

test('a pipe that nobody reads holds nothing up, and the exit is 1', async t => {
  const folder = temporaryFolder(t)
  const pipe = folder.path('pipe')
  execFileSync('mkfifo', [pipe])
  const alone = await groundwire(t, `demo --duration 200ms --ledger ${pipe}`).exit
  assert.equal(alone.code, 1)
  assert.match(
    alone.stderr,
    /demo: error: the ledger's last record can't be written to \S+: nobody reads it\n/,
  )

  const fifo = makeFifo(t)
  fifo.fill()
  const full = await groundwire(t, `demo --duration 200ms --ledger ${fifo.path}`).exit
  assert.equal(full.code, 1)
  assert.match(full.stderr, /nobody reads it\n/)
})

test('/dev/null and /dev/stdout stay what they are', async t => {
  const folder = temporaryFolder(t)
  const before = lstatSync('/dev/stdout')
  const words = `publish x y --wait 100ms --ledger /dev/stdout`
  const proxy = await localBus(t)
  const run = shell(t, `groundwire ${words} > ${folder.path('out')}`, { env: proxy.env })
  assert.equal((await run.exit).code, 3)
  assert.equal(closedLedger(folder.path('out')).command, 'publish')
  assert.equal(lstatSync('/dev/stdout').ino, before.ino)
  const none = await groundwire(t, 'publish x y --wait 100ms --ledger /dev/null', { env: proxy.env }).exit
  assert.equal(none.code, 3)
  assert(lstatSync('/dev/null').isCharacterDevice())
})

test('a link that was planted beside the file is not followed, and nothing is left behind', async t => {
  const folder = temporaryFolder(t)
  const victim = folder.write('victim', 'precious')
  const file = folder.path('ledger.json')
  symlinkSync(victim, `${file}.partial`)
  const { run } = await startProxy(t, `--ledger ${file}`)
  assert.equal((await run.stop()).code, 0)
  closedLedger(file)
  assert.equal(readFileSync(victim, 'utf8'), 'precious')
  assert.deepEqual(readdirSync(folder.path('.')).sort(), ['ledger.json', 'ledger.json.partial', 'victim'])
})

test('a draft that could not become the file is removed', async t => {
  const folder = temporaryFolder(t)
  const path = folder.path('ledger.json')
  // The file of before can't be put aside: there is a folder.
  folder.write('ledger.json', 'of before')
  mkdirSync(`${path}.1/within`, { recursive: true })
  const { file, said } = ledgerFile(path)
  await file.start()
  assert.match(said[0] ?? '', /can't be written to/)
  assert.equal(typeof (await file.finish()), 'string')
  assert.equal(folder.read('ledger.json').toString(), 'of before')
  assert.deepEqual(readdirSync(folder.path('.')).sort(), ['ledger.json', 'ledger.json.1'])
})

test('the books of the run before are kept, once, as FILE.1', async t => {
  const folder = temporaryFolder(t)
  const file = folder.path('ledger.json')
  const started = async (): Promise<string> => {
    const { run } = await startProxy(t, `--ledger ${file}`)
    await untilExists(file)
    const first = readLedger(file).started
    // At least one more record, which must not put that one aside.
    await eventually(() => lstatSync(file).mtimeMs > Date.parse(first) + 900, 'the next record')
    assert.equal((await run.stop()).code, 0)
    return first
  }
  const first = await started()
  assert(!existsSync(`${file}.1`))
  const second = await started()
  assert.equal(readLedger(`${file}.1`).started, first)
  assert.equal(readLedger(file).started, second)
  await started()
  assert.equal(readLedger(`${file}.1`).started, second)
  assert.equal(existsSync(`${file}.2`), false)
})

test('a file system that is full, and one that is read-only', async t => {
  if (process.getuid?.() !== 0) return t.skip('mounting takes root')
  for (const options of ['size=4k,nr_inodes=2', 'ro']) {
    const found = await onFileSystem(t, options)
    if (found === undefined) return t.skip('no file system can be mounted here')
    assert.equal(found.code, 1, found.stderr)
    assert.match(found.stderr, /tap: warning: the ledger can't be written to .*(ENOSPC|EROFS)/)
    assert.match(found.stderr, /tap: received 0 /)
  }
})

/** Runs a tap with its ledger on a file system of its own. */
async function onFileSystem(t: TestContext, options: string) {
  const folder = temporaryFolder(t)
  mkdirSync(folder.path('mounted'))
  const mounted = folder.path('mounted')
  const mount = `mount -t tmpfs -o ${options} none ${mounted}`
  const probe = await new Run(t, 'unshare', ['-m', 'sh', '-c', mount]).exit.catch(() => undefined)
  if (probe?.code !== 0) return undefined
  const proxy = await localBus(t)
  const filler = options === 'ro' ? 'true' : `touch ${mounted}/a`
  const tap = `${process.execPath} ${CLI} tap --duration 100ms --ledger ${mounted}/tap.json`
  return new Run(t, 'unshare', ['-m', 'sh', '-c', `${mount} && ${filler}; exec ${tap}`], { env: proxy.env })
    .exit
}
