import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { PROJECT } from '../../../scripts/project.ts'
import { runRole } from '../../../src/commands/shared/run-role.ts'
import { type Io, Session } from '../../../src/commands/shared/session.ts'
import { GroundwireError } from '../../../src/core/errors.ts'
import { count } from '../../../src/core/ledger.ts'
import { type BaseEvents, LOSE, OPENED, PARTS, Role } from '../../../src/core/role.ts'
import { Run } from '../../helpers/groundwire.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A role that says what becomes of it. */
class Plain extends Role<BaseEvents, string> {
  readonly said: string[] = []

  constructor(session: Session, open: () => Promise<void> = async () => {}) {
    super('plain', session.ledger)
    this[PARTS].push({
      open: async () => {
        this.said.push('open')
        await open()
      },
      settle: async () => void this.said.push('settle'),
      close: linger => void this.said.push(linger > 3_000 ? 'close, and linger' : 'close'),
    })
  }

  override [OPENED](): string {
    return 'here'
  }

  lose(): void {
    count(this.ledger.received, 1)
    this[LOSE]('overflow', 'too slow')
  }
}

function sessionOf(values: { ledger?: string; 'fail-on-loss'?: boolean } = {}) {
  const stop = new AbortController()
  const lines: string[] = []
  const stderr = { write: (line: string) => lines.push(line) }
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {}, stop: stop.signal }
  const plain = { quiet: false, verbose: false, color: false, timestamps: false }
  const session = new Session(
    'plain',
    { ledger: undefined, 'fail-on-loss': false, ...plain, ...values },
    io as unknown as Io,
  )
  return { session, lines, stop: () => stop.abort('SIGINT') }
}

test('a role without connections is ready once it has started; its run ends it, and the books are closed', async t => {
  const ledger = temporaryFolder(t).path('ledger.json')
  const { session, lines } = sessionOf({ ledger })
  const role = new Plain(session)
  const code = await runRole(session, role, {
    started: () => void role.said.push('started'),
    ready: opened => `it is ${opened}`,
    run: async ({ signal }) => {
      assert.equal(signal.aborted, false)
      role.said.push('run')
      role.lose()
    },
    flush: () => void role.said.push('flush'),
    linger: () => 5_000,
    code: () => (role.said.includes('close, and linger') ? 4 : 0),
  })
  assert.equal(code, 4)
  assert.deepEqual(role.said, ['open', 'started', 'run', 'settle', 'flush', 'close, and linger'])
  assert.deepEqual(lines, [
    'plain: ready: it is here\n',
    'plain: warning: lost a message (overflow): too slow\n',
    'plain: received 1 (1 bytes), sent 0, unheard 0, lost 1 (overflow 1)\n',
  ])
  const record = JSON.parse(readFileSync(ledger, 'utf8')) as { stopped: unknown; lost: { overflow: number } }
  assert(record.stopped !== null)
  assert.equal(record.lost.overflow, 1)
})

test('without a run of its own it runs until it is stopped; a loss is exit 6 if that was asked for', async () => {
  const { session, lines, stop } = sessionOf({ 'fail-on-loss': true })
  const role = new Plain(session)
  const running = runRole(session, role, { started: () => setImmediate(stop) })
  role.lose()
  assert.equal(await running, 6)
  assert.deepEqual(role.said, ['open', 'settle', 'close'])
  assert.equal(lines.length, 2, 'it says nothing of being ready')
})

test('a start that fails, or a run, closes the role and goes on to whoever renders errors', async () => {
  const failure = new GroundwireError('IO', 'no')
  const first = sessionOf()
  const broken = new Plain(first.session, () => Promise.reject(failure))
  await assert.rejects(runRole(first.session, broken, { ready: () => 'never' }), failure)
  assert.deepEqual(broken.said, ['open', 'close'])

  const second = sessionOf()
  const role = new Plain(second.session)
  await assert.rejects(runRole(second.session, role, { run: () => Promise.reject(failure) }), failure)
  assert.deepEqual(role.said, ['open', 'close'])

  const third = sessionOf()
  const ended = new Plain(third.session)
  const started = () => third.session.end(failure)
  await assert.rejects(runRole(third.session, ended, { started }), failure)
  assert.deepEqual([...first.lines, ...second.lines, ...third.lines], [])
})

test('a role that is stopped before it has started has nothing to see out: exit 0', async () => {
  const { session, lines, stop } = sessionOf()
  const role = new Plain(session, () => new Promise(() => setImmediate(stop)))
  assert.equal(await runRole(session, role, { ready: () => 'never', code: () => 4 }), 0)
  assert.deepEqual(role.said, ['open', 'close'])
  assert.deepEqual(lines, ['plain: received 0 (0 bytes), sent 0, unheard 0, lost 0\n'])
})

/** The address of a module, as a script imports it. */
const source = (file: string) => JSON.stringify(pathToFileURL(path.join(PROJECT, 'src', file)).href)

test('a role that has nothing open keeps its process until it is stopped', async t => {
  const script = `
    import { runRole } from ${source('commands/shared/run-role.ts')}
    import { Session } from ${source('commands/shared/session.ts')}
    import { Role } from ${source('core/role.ts')}
    const stop = new AbortController()
    process.on('SIGTERM', () => stop.abort('SIGTERM'))
    const { stdin, stdout, stderr, env } = process
    const session = new Session('plain', {}, { stdin, stdout, stderr, env, stop: stop.signal })
    class Plain extends Role {}
    process.exitCode = await runRole(session, new Plain('plain', session.ledger), { ready: () => 'for nothing' })
  `
  const run = new Run(t, process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script])
  await run.untilStderr(/^plain: ready: for nothing\n$/)
  const { code, stderr } = await run.stop('SIGTERM')
  assert.deepEqual([code, stderr.split('\n').length], [0, 3], stderr)
})
