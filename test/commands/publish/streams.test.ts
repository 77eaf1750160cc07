import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { peakRss } from '../../helpers/books.ts'
import { collect } from '../../helpers/collector.ts'
import { groundwire, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const LINES = 10_000

test(`${LINES} lines in one process arrive all and in order`, async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i}`)
  const run = groundwire(t, 'publish telem --split lines', { env: proxy.env, input: lines.join('\n') })
  assert.equal((await run.exit).code, 0)
  await collector.atLeast(LINES)
  assert.deepEqual(
    collector.messages.map(({ frame }) => frame.subarray(2).toString()),
    lines,
  )
})

const CHUNK = Buffer.alloc(256 * 1024, 'x')
const MEBIBYTES = 400
const MOST_RSS = 300

test(`${MEBIBYTES} MiB of standard input do not grow it over ${MOST_RSS} MiB`, async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['telem'], keep: false })
  const run = await ready(t, proxy, 'publish telem --split 64K')
  for (let i = 0; i < MEBIBYTES * 4; i++) {
    if (!run.process.stdin.write(CHUNK)) await once(run.process.stdin, 'drain')
  }
  const rss = await peakRss(run)
  run.process.stdin.end()
  const { code, stderr } = await run.exit
  assert.equal(code, 0, stderr)
  assert.match(stderr, new RegExp(`sent ${MEBIBYTES * 16}, unheard 0, lost 0`))
  assert(rss < MOST_RSS, `${rss} MiB`)
  assert(collector.count > 0)
})

test('--rate spreads a stream over its time', async t => {
  const [rate, seconds] = [1_000, 2]
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['beat'] })
  const words = `publish beat %{time} --expand --rate ${rate} --repeat ${rate * seconds + 1}`
  const { code, stderr } = await groundwire(t, words, { env: proxy.env }).exit
  assert.equal(code, 0, stderr)
  await collector.atLeast(rate * seconds + 1)
  // The first one may be late on a machine that is busy. How exact the rate is, `npm run proofs` measures.
  const times = collector.messages.map(({ frame }) => Date.parse(frame.subarray(2).toString()))
  const took = (times.at(-1) ?? 0) - (times[0] ?? 0)
  assert(took >= seconds * 500, `${took} ms`)
})

test('a listener that goes away: what nobody heard is counted, and the exit code is 3', async t => {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, '--verbose')
  const tap = await ready(t, proxy, 'tap telem -f text -c 2')
  const run = await ready(t, proxy, `publish telem --split lines --ledger ${folder.path('books')}`)
  run.process.stdin.write('1\n2\n')
  assert.equal((await tap.exit).stdout.toString(), '1\n2\n')
  await proxy.run.untilStderr(/unsubscribed: 'telem'/)
  run.process.stdin.end('3\n4\n5\n')
  const { code, stderr } = await run.exit
  assert.equal(code, 3, stderr)
  assert.match(stderr, /sent 2, unheard 3, lost 0\npublish: error: 3 of 5 messages had no subscriber\n$/)
  const ledger = closedLedger(folder.path('books'))
  assert.equal(ledger.unheard, 3)
  assert.deepEqual(lossesOf(ledger), {})
})

test('of topics of their own the first is waited for, and what nobody asks for later is counted', async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['a'] })
  const input = ['a', 'b', 'a', 'b', 'b'].map((topic, i) => JSON.stringify({ topic, payload: i })).join('\n')
  const { code, stderr } = await groundwire(t, 'publish - -f json --wait 1s', { env: proxy.env, input }).exit
  assert.equal(code, 3)
  assert.match(stderr, /warning: no subscriber asked for 'b': its messages count as unheard\n/)
  assert.match(stderr, /sent 2, unheard 3, lost 0\npublish: error: 3 of 5 messages had no subscriber\n$/)
  await collector.atLeast(2)
  assert.deepEqual(
    collector.messages.map(({ frame }) => frame[0]),
    [0, 2],
  )
})

test('a signal ends a stream at once: what was taken in goes out, exit 0', async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  const run = await ready(t, proxy, 'publish telem --split lines')
  run.process.stdin.write('1\n2\nhalf')
  await collector.atLeast(2)
  const { code, stderr } = await run.stop()
  assert.equal(code, 0)
  assert.match(stderr, /received 2 \(2 bytes\), sent 2, unheard 0, lost 0\n$/)
})

test('with --exact a subscriber to everything does not count', async t => {
  const proxy = await localBus(t)
  await collect(t, proxy)
  const { code } = await groundwire(t, 'publish telem x', { env: proxy.env }).exit
  assert.equal(code, 0)
  const exact = await groundwire(t, 'publish telem x --exact --wait 500ms', { env: proxy.env }).exit
  assert.equal(exact.code, 3)
  assert.match(exact.stderr, /no subscriber asked for 'telem' within 0.5 s/)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  assert.equal((await groundwire(t, 'publish telem y --exact', { env: proxy.env }).exit).code, 0)
  await collector.atLeast(1)
})
