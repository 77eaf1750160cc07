import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { arrived, ledgerOf, lostOnBus } from '../../helpers/books.ts'
import { groundwire, listeningPort, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp } from '../../helpers/udp.ts'

const PACKETS = 40_000

test('20,000 packets a second cross the bus with nothing lost: every role exits 0 with --fail-on-loss', async t => {
  // A busy machine may lose some packets. Then they are counted exactly, with exit 6. A defect loses packets every
  // time.
  for (let attempt = 1; !(await crossTheBus(t)); attempt++) assert(attempt < 8, 'no run was clean')
})

/** Sends packets through its own chain, and checks all ledgers. @returns whether nothing was lost */
async function crossTheBus(t: TestContext): Promise<boolean> {
  const folder = temporaryFolder(t)
  const books = (name: string) => `--fail-on-loss --ledger ${folder.path(`${name}.json`)}`
  const proxy = await startProxy(t, books('proxy'))
  const receiver = await receiveUdp(t)
  const udpOut = await ready(t, proxy, `udp-out telem --to 127.0.0.1:${receiver.port} ${books('udp-out')}`)
  const udpIn = await ready(t, proxy, `udp-in 0 telem --ccsds ${books('udp-in')}`)
  const to = `127.0.0.1:${await listeningPort(udpIn)}`
  const simulate = groundwire(t, `simulate --to ${to} --rate 20000 --count ${PACKETS} ${books('simulate')}`)
  const runs = { simulate, 'udp-in': udpIn, proxy: proxy.run, 'udp-out': udpOut }

  await simulate.exit
  await ledgerOf(folder.path('udp-in.json'), ledger => arrived(ledger) >= PACKETS)
  const expected = closedLedger(folder.path('simulate.json')).sent.messages
  // In the order of the chain: each role waits for the flush of the one before.
  await udpIn.stop()
  const { sent } = closedLedger(folder.path('udp-in.json'))
  await ledgerOf(
    folder.path('udp-out.json'),
    ledger => ledger.received.messages + lostOnBus(ledger) >= sent.messages,
  )
  await Promise.all([udpOut.stop(), proxy.run.stop()])
  assert.equal(expected, PACKETS)
  assert.equal(arrived(closedLedger(folder.path('udp-in.json'))), PACKETS)

  let clean = true
  for (const [name, run] of Object.entries(runs)) {
    const ledger = closedLedger(folder.path(`${name}.json`))
    const lossless = Object.keys(lossesOf(ledger)).length === 0 && (ledger.ccsds?.missing ?? 0) === 0
    assert.equal((await run.exit).code, lossless ? 0 : 6, `${name}: ${run.stderr}`)
    clean &&= lossless && ledger.sent.messages === PACKETS
  }
  return clean
}
