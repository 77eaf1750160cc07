import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFifo } from '../../../helpers/fifo.ts'
import { CLI, groundwire, PATIENCE_MS, ready, Run, startProxy } from '../../../helpers/groundwire.ts'
import { closedLedger, readLedger } from '../../../helpers/ledger.ts'
import { localBus, busAt } from '../../../helpers/local-bus.ts'
import { collect } from '../../../helpers/collector.ts'
import { findPython } from '../../../helpers/python.ts'
import { rawSubscriber } from '../../../helpers/raw-sockets.ts'
import { eventually, spawnGroundwire, untilExists } from '../../../helpers/spawned.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

/** Some 250 bytes each: far more than a pipe, a socket and what waits before them hold. */
const LINES = 20_000

const ROLES = [
  'proxy --xsub tcp://127.0.0.1:* --xpub tcp://127.0.0.1:*',
  'udp-in 0 telem',
  'udp-out telem --to 127.0.0.1:9',
  'tap',
  'publish telem --split lines',
  'simulate --to 127.0.0.1:9',
  'demo --duration 1h',
]

for (const line of ROLES) {
  test(`SIGTERM ends '${line}' whose standard error is a pipe that nobody reads`, async t => {
    const [folder, fifo, proxy] = [temporaryFolder(t), makeFifo(t), await startProxy(t)]
    fifo.fill()
    const ledger = folder.path('ledger.json')
    const run = spawnGroundwire(
      t,
      `${line} --verbose --ledger ${ledger}`,
      ['pipe', 'ignore', fifo.fd],
      line.startsWith('proxy') ? {} : proxy.env,
    )
    await untilExists(ledger)
    const started = performance.now()
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
    assert(performance.now() - started < PATIENCE_MS)
    closedLedger(ledger)
  })
}

for (const kind of ['a pipe', 'a socket'] as const) {
  test(`lines that nobody reads from ${kind} are dropped, and counted as soon as there is room`, async t => {
    const [folder, fifo] = [temporaryFolder(t), makeFifo(t)]
    const bus = busAt(`ipc://${folder.path('xsub')}`, `ipc://${folder.path('xpub')}`)
    const ledger = folder.path('ledger.json')
    const stderr = kind === 'a pipe' ? fifo.fd : 'pipe'
    const run = spawnGroundwire(
      t,
      `proxy --verbose --ledger ${ledger}`,
      ['ignore', 'ignore', stderr],
      bus.env,
    )
    await untilExists(folder.path('xpub'))
    const subscriber = rawSubscriber(t, bus.xpub)
    const prefix = 'p'.repeat(200)
    for (let i = 0; i < LINES; i++) {
      await subscriber.send(Buffer.concat([Buffer.of(1), Buffer.from(`${prefix}${i}`)]))
    }
    // Its data goes on: a message crosses the bus.
    const collector = await collect(t, bus, { topics: ['telem'] })
    assert.equal((await groundwire(t, 'publish telem hello', { env: bus.env }).exit).code, 0)
    await collector.atLeast(1)

    let shown = ''
    if (kind === 'a socket') {
      run.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
        shown += text
      })
    }
    const lines = () => shown.split('\n').slice(0, -1)
    const dropped = () =>
      [
        ...shown.matchAll(
          /^groundwire: (\d+) lines? (?:was|were) not shown, as nobody read standard error$/gm,
        ),
      ]
        .map(([, count]) => Number(count))
        .reduce((sum, count) => sum + count, 0)
    await eventually(() => {
      if (kind === 'a pipe') shown += fifo.read()
      return dropped() > 1_000
    }, 'how many lines were dropped')
    // All other lines are whole.
    for (const line of lines()) assert.match(line, /^(proxy|groundwire): /)
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
  })
}

test('SIGTERM ends a tap on a terminal that Ctrl-S has stopped', async t => {
  const python = findPython(t, 'pty')
  if (python === undefined) return
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const ledger = folder.path('ledger.json')
  // The child gets the terminal for all three; its pid is written out, and the terminal is stopped as soon as it asks for that.
  const script = `
import os, pty, sys, time
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b''
while b'ready: ' not in shown:
    shown += os.read(master, 65536)
os.write(master, b'\\x13')
print(pid, flush=True)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`
  const words = [process.execPath, CLI, 'tap', 'telem', '--ledger', ledger, '--verbose']
  const run = new Run(t, python, ['-c', script, ...words], {
    env: { ...proxy.env, TERM: 'xterm' },
    input: '',
  })
  await run.until(({ stdout }) => /^\d+\n/.test(stdout.toString()), 'the terminal to be stopped')
  const pid = Number(run.stdout.toString())
  const sent = await groundwire(t, 'publish telem hello --repeat 3000', { env: proxy.env }).exit
  assert.equal(sent.code, 0, sent.stderr)
  await eventually(() => readLedger(ledger).received.messages === 3000, 'the messages to have arrived')
  const started = performance.now()
  process.kill(pid, 'SIGTERM')
  const { code } = await run.exit
  assert.equal(code, 0)
  assert(performance.now() - started < PATIENCE_MS)
  assert.equal(closedLedger(ledger).received.messages, 3000)
})

test('SIGTERM ends a publish that waits for the echoes of a proxy that is stopped', async t => {
  const [folder, proxy] = [temporaryFolder(t), await startProxy(t)]
  const ledger = folder.path('ledger.json')
  await collect(t, proxy, { topics: ['telem'] })
  const run = await ready(t, proxy, `publish telem --split lines --confirm --wait 1h --ledger ${ledger}`)
  proxy.run.kill('SIGSTOP')
  run.process.stdin.write('1\n2\n')
  await eventually(() => readLedger(ledger).received.messages === 2, 'both messages')
  const started = performance.now()
  const { code, stderr } = await run.stop('SIGTERM')
  assert.equal(code, 4, stderr)
  assert.match(
    stderr,
    /0 of 2 messages are known to have passed the proxy \(stopped before their echo came; /,
  )
  assert(performance.now() - started < PATIENCE_MS)
})

for (const line of ['demo --duration 1h --rate 2000', 'publish telem --split lines --dry-run']) {
  test(`SIGTERM ends '${line}' whose standard output nobody reads`, async t => {
    const [fifo, err] = [makeFifo(t), makeFifo(t)]
    const run = spawnGroundwire(t, line, ['pipe', fifo.fd, err.fd])
    if (line.startsWith('publish')) run.process.stdin?.write('hello\n'.repeat(1_000_000))
    await eventually(() => fifo.read() !== '', 'its first lines')
    // Nobody reads on.
    fifo.fill()
    const started = performance.now()
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
    assert(performance.now() - started < PATIENCE_MS)
  })
}
