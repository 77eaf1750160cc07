import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ledgerOf } from '../helpers/books.ts'
import { groundwire, listeningPort, ready, startProxy } from '../helpers/groundwire.ts'
import { assertBalanced, closedLedger, lossesOf } from '../helpers/ledger.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp } from '../helpers/udp.ts'

const PACKETS = 40_000

test('20,000 packets a second cross the bus with nothing lost: every role exits 0 with --fail-on-loss', async t => {
  const folder = temporaryFolder(t)
  const books = (name: string) => `--fail-on-loss --ledger ${folder.path(`${name}.json`)}`
  const proxy = await startProxy(t, books('proxy'))
  const receiver = await receiveUdp(t)
  const udpOut = await ready(t, proxy, `udp-out telem --to 127.0.0.1:${receiver.port} ${books('udp-out')}`)
  const udpIn = await ready(t, proxy, `udp-in 0 telem --ccsds ${books('udp-in')}`)
  const to = `127.0.0.1:${await listeningPort(udpIn)}`
  const simulate = groundwire(t, `simulate --to ${to} --rate 20000 --count ${PACKETS} ${books('simulate')}`)

  assert.equal((await simulate.exit).code, 0)
  await ledgerOf(folder.path('udp-out.json'), ({ sent }) => sent.messages >= PACKETS)
  for (const run of [udpIn, udpOut, proxy.run]) assert.equal((await run.stop()).code, 0, run.stderr)
  for (const name of ['simulate', 'udp-in', 'proxy', 'udp-out']) {
    const ledger = closedLedger(folder.path(`${name}.json`))
    assertBalanced(ledger)
    assert.deepEqual(lossesOf(ledger), {}, name)
    assert.equal(ledger.sent.messages, PACKETS, name)
  }
})
