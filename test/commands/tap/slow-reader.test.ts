import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RatePacer } from '../../../src/core/pacing/rate-pacer.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { ledgerOf, lostOnBus, peakRss } from '../../helpers/books.ts'
import { ready } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const MESSAGES = 60_000
const RATE = 20_000

test('a reader that takes nothing: the bus goes on, memory stays bounded, and the overflow is exact', async t => {
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  const file = folder.path('tap.json')
  const tap = await ready(t, bus, ['tap', 'x', '--ledger', file])
  // Nothing reads the tap's standard output, so the pipe fills.
  tap.process.stdout.pause()
  const quick = await ready(t, bus, ['tap', 'x', '-f', 'none', '--ledger', folder.path('quick.json')])
  const publisher = await heardPublisher(t, bus, 'x')
  const before = await peakRss(tap)
  const pacer = new RatePacer(RATE)
  const started = performance.now()
  for (let left = MESSAGES; left > 0; left--) {
    await pacer.next()
    publisher.publish(Buffer.alloc(256, left))
  }
  await publisher.drain()
  t.diagnostic(`the bus took all in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  assert.equal(publisher.ledger.sent.messages, MESSAGES)
  await ledgerOf(file, ledger => ledger.received.messages + lostOnBus(ledger) >= MESSAGES)
  await ledgerOf(
    folder.path('quick.json'),
    ledger => ledger.received.messages + lostOnBus(ledger) >= MESSAGES,
  )
  const growth = (await peakRss(tap)) - before
  assert(growth < 50, `it grew by ${growth} MiB`)
  t.diagnostic(`grew by ${growth.toFixed(0)} MiB`)

  const { code } = await tap.stop()
  assert.equal(code, 0)
  const ledger = closedLedger(file)
  const { received, sent, lost } = ledger
  assert.equal(received.messages + lostOnBus(ledger), MESSAGES)
  assert.equal(received.messages, sent.messages + lost.overflow)
  assert(lost.overflow > 0)
  await quick.stop()
  const quickLedger = closedLedger(folder.path('quick.json'))
  assert.deepEqual(
    [quickLedger.received.messages + lostOnBus(quickLedger), lossesOf(quickLedger).overflow],
    [MESSAGES, undefined],
  )
})

test('50,000 messages a second of 256 bytes in the line form to a file: all of them, or what is lost is counted exactly', async t => {
  const COUNT = 150_000
  const bus = await localBus(t)
  const folder = temporaryFolder(t)
  const [file, books] = [folder.path('lines'), folder.path('tap.json')]
  const tap = await ready(t, bus, ['tap', 'x', '-o', file, '--ledger', books])
  const publisher = await heardPublisher(t, bus, 'x')
  const pacer = new RatePacer(50_000)
  const payload = Buffer.alloc(256, 'x')
  for (let left = COUNT; left > 0; left--) {
    await pacer.next()
    publisher.publish(payload)
  }
  await publisher.drain()
  const { messages } = publisher.ledger.sent
  await ledgerOf(books, ledger => ledger.received.messages + lostOnBus(ledger) >= messages)
  assert.equal((await tap.stop()).code, 0)
  const ledger = closedLedger(books)
  const { received, sent, lost } = ledger
  t.diagnostic(`sent ${messages} of ${COUNT}, received ${received.messages}, written ${sent.messages}`)
  assert.equal(messages + publisher.ledger.lost('overflow'), COUNT)
  assert.equal(received.messages + lostOnBus(ledger), messages)
  assert.equal(received.messages, sent.messages + lost.overflow)
  const lines = folder.read('lines').toString('latin1').split('\n').slice(0, -1)
  assert.equal(lines.length, sent.messages)
  const whole = /^\S+Z x 256 (78){24}\xe2\x80\xa6$/
  assert(lines.every(line => whole.test(line)))
})
