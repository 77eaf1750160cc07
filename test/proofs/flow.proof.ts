// Files at full speed, in their full size, and half a minute of patience: `npm run proofs`. docs/flow.md has the protocol.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { ledgerOf, lostOnBus } from '../helpers/books.ts'
import { type Bus, groundwire, type Run, ready, startProxy } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { runs } from '../helpers/property.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp } from '../helpers/udp.ts'

/** Two million; a tenth of them with --short. */
const MESSAGES = Math.min(2_000_000, runs(100_000).numRuns)
const SIZE = 256
/** The file holds so many lines, and is read again and again. */
const LINES = 10_000
/** Bytes a second that a slow reader takes. */
const SLOW = 10_000_000

/** Publishes so many messages without a rate. @returns the seconds that it took */
async function publishAll(t: TestContext, { env }: Bus, folder: ReturnType<typeof temporaryFolder>) {
  const lines = folder.write('lines', `${'x'.repeat(SIZE)}\n`.repeat(LINES))
  const started = performance.now()
  const words = `publish telem --split lines --file ${lines} --repeat ${MESSAGES / LINES}`
  const { code, stderr } = await groundwire(t, words, { env }).exit
  assert.equal(code, 0, stderr)
  return (performance.now() - started) / 1000
}

test('a file at full speed to two taps that write files, and udp-out beside: none lost, and its books balance', async t => {
  const bus = await startProxy(t)
  const folder = temporaryFolder(t)
  const taps = ['first', 'second']
  const runs: Run[] = []
  for (const name of taps)
    runs.push(
      await ready(t, bus, `tap telem -f raw -o ${folder.path(name)} --ledger ${folder.path(`${name}.json`)}`),
    )
  const { port } = await receiveUdp(t)
  const books = folder.path('out.json')
  runs.push(await ready(t, bus, `udp-out telem --to 127.0.0.1:${port} --ledger ${books}`))
  const seconds = await publishAll(t, bus, folder)
  t.diagnostic(`${(MESSAGES / seconds).toFixed(0)} messages a second`)
  for (const name of taps)
    await ledgerOf(folder.path(`${name}.json`), ({ sent }) => sent.messages === MESSAGES)
  await ledgerOf(books, ({ received }) => received.messages === MESSAGES)
  for (const run of runs) await run.stop()
  for (const name of taps) {
    assert.deepEqual(lossesOf(closedLedger(folder.path(`${name}.json`))), {})
    assert.equal(statSync(folder.path(name)).size, MESSAGES * SIZE)
  }
  assert.equal(closedLedger(books).lost.bus, 0)
})

test('a file at full speed to a tap whose pipe is read at 10 MB/s: none lost', async t => {
  const bus = await startProxy(t)
  const folder = temporaryFolder(t)
  const books = folder.path('tap.json')
  const tap = await ready(t, bus, `tap telem -f raw --ledger ${books}`)
  const count = readSlowly(tap.process.stdout)
  const seconds = await publishAll(t, bus, folder)
  t.diagnostic(`publish took ${seconds.toFixed(1)} s`)
  await ledgerOf(books, ({ sent }) => sent.messages === MESSAGES)
  await tap.stop()
  assert.deepEqual([count(), lossesOf(closedLedger(books))], [MESSAGES * SIZE, {}])
})

/** Rests after each piece as long as it takes at this rate. @returns the bytes read so far */
function readSlowly(pipe: Readable): () => number {
  let bytes = 0
  pipe.removeAllListeners('data').on('data', (chunk: Buffer) => {
    bytes += chunk.length
    pipe.pause()
    setTimeout(() => pipe.resume(), (chunk.length / SLOW) * 1000)
  })
  return () => bytes
}

test('a tap that is stopped for good holds publish up for half a minute, and costs the other tap nothing', async t => {
  const bus = await startProxy(t)
  const folder = temporaryFolder(t)
  const [quickBooks, stoppedBooks] = [folder.path('quick.json'), folder.path('stopped.json')]
  const quick = await ready(t, bus, `tap telem -f raw -o ${folder.path('tapped')} --ledger ${quickBooks}`)
  const stopped = await ready(t, bus, `tap telem -f raw --ledger ${stoppedBooks}`)
  // Its subscription has arrived once a message has.
  await groundwire(t, 'publish telem first', { env: bus.env }).exit
  await stopped.until(({ stdout }) => stdout.length > 0, 'the first message')
  stopped.kill('SIGSTOP')
  const lines = folder.write('lines', `${'x'.repeat(SIZE)}\n`.repeat(LINES))
  const started = performance.now()
  const messages = 30 * LINES + 1
  const words = `publish telem --split lines --file ${lines} --repeat 30`
  const { code, stderr } = await groundwire(t, words, { env: bus.env }).exit
  const seconds = (performance.now() - started) / 1000
  assert.equal(code, 0, stderr)
  assert.match(stderr, /waiting for the subscriber at \S+: it takes nothing/)
  assert.match(stderr, /going on without the subscriber at \S+: \d+ bytes still wait for it/)
  assert(seconds > 30 && seconds < 45, `${seconds} s`)
  await ledgerOf(quickBooks, ({ sent }) => sent.messages === messages)
  stopped.kill('SIGCONT')
  const ledger = await ledgerOf(stoppedBooks, all => all.received.messages + lostOnBus(all) === messages)
  assert(lostOnBus(ledger) > 0)
  for (const run of [quick, stopped]) await run.stop()
  assert.deepEqual(lossesOf(closedLedger(quickBooks)), {})
})
