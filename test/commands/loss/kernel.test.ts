import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { arrived, ledgerOf } from '../../helpers/books.ts'
import { listeningPort, ready } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { sendUdp } from '../../helpers/udp.ts'

test('what the kernel drops while udp-in does not read is counted to the datagram', async t => {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const udpIn = await ready(t, proxy, ['udp-in', '0', 'telem', '--ledger', file, '--fail-on-loss'])
  const port = await listeningPort(udpIn)

  udpIn.kill('SIGSTOP')
  await sendUdp(
    port,
    Array.from({ length: 10_000 }, () => Buffer.alloc(1_000)),
  )
  udpIn.kill('SIGCONT')
  await ledgerOf(file, ledger => arrived(ledger) >= 10_000)

  const { code, stderr } = await udpIn.stop()
  const ledger = closedLedger(file)
  assert.equal(arrived(ledger), 10_000)
  assert(ledger.lost.kernel !== null && ledger.lost.kernel > 0, 'the receive buffer held them all')
  assert.match(stderr, /lost \d+ messages \(kernel\): the receive buffer of \d+ bytes was full/)
  assert.equal(code, 6)
})
