import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrived, ledgerOf, peakRss } from '../../helpers/books.ts'
import { listeningPort, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { eventually } from '../../helpers/spawned.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { sendUdp } from '../../helpers/udp.ts'

const MESSAGES = 50_000

test('with the proxy stopped, udp-in holds what its queue has room for, in bounded memory, and counts the rest', async t => {
  const proxy = await startProxy(t)
  const file = temporaryFolder(t).path('ledger.json')
  const udpIn = await ready(t, proxy, [
    'udp-in',
    '0',
    'telem',
    '--queue',
    '16M',
    '--ledger',
    file,
    '--fail-on-loss',
  ])
  const tap = await ready(t, proxy, 'tap telem -f raw')
  const port = await listeningPort(udpIn)
  // A datagram that comes before the subscription is unheard, so the first ones only ask.
  let first = 0
  await eventually(async () => {
    await sendUdp(port, [Buffer.alloc(1)])
    first += 1
    return tap.stdout.length > 0
  }, 'the first datagram')

  proxy.run.kill('SIGSTOP')
  // Twice the capacity of the queue and of all buffers on the route: the queue overflows, whatever the kernel drops.
  const datagram = Buffer.alloc(1_000)
  await sendUdp(
    port,
    Array.from({ length: MESSAGES }, () => datagram),
    10_000,
  )
  await ledgerOf(file, ledger => arrived(ledger) >= MESSAGES + first)
  assert((await peakRss(udpIn)) < 150, `${await peakRss(udpIn)} MiB`)

  const { code } = await udpIn.stop()
  const ledger = closedLedger(file)
  assert.equal(arrived(ledger), MESSAGES + first)
  assert(ledger.lost.overflow > 0, `the queue held them all: ${JSON.stringify(ledger)}`)
  assert(ledger.lost.undeliverable > 0, 'the proxy took all that was queued')
  assert.equal(code, 6)
})
