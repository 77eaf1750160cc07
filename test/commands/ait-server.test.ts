import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAitServer } from '../helpers/ait-server.ts'
import { ledgerOf } from '../helpers/books.ts'
import { groundwire, listeningPort, ready } from '../helpers/groundwire.ts'
import { closedLedger } from '../helpers/ledger.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp, sendUdp } from '../helpers/udp.ts'

test("beside a running AIT server, its streams' messages are tapped, and ours come out of its streams", async t => {
  const receiver = await receiveUdp(t)
  const outbound = { name: 'out', topics: ['ours'], port: receiver.port }
  const server = await startAitServer(t, { inbound: 'theirs', outbound })
  if (server === undefined) return
  const folder = temporaryFolder(t)

  const tap = await ready(t, server, `tap theirs ours -f json --ledger ${folder.path('tap.json')}`)
  const udpIn = await ready(t, server, `udp-in 0 ours`)

  // Our messages, through AIT's broker, out of AIT's outbound stream.
  const ours = Array.from({ length: 100 }, (_, i) => Buffer.from(`ours ${i}`))
  await sendUdp(await listeningPort(udpIn), ours, 1_000)
  assert.deepEqual(await receiver.atLeast(ours.length), ours)

  // A one-off message waits for AIT's stream, and is not lost.
  assert.equal((await groundwire(t, 'publish ours once', { env: server.env }).exit).code, 0)
  await receiver.until(datagrams => datagrams.at(-1)?.toString() === 'once')

  // AIT's messages, from its inbound stream.
  await sendUdp(server.port, [Buffer.from('00ff', 'hex')])
  await tap.until(({ stdout }) => stdout.includes('theirs'), "the message of AIT's stream")
  assert.match(tap.stdout.toString(), /"topic":"theirs","codec":"msgpack","payload":\{"\$bytes":"AP8="\}/)

  // Losses of our messages on AIT's broker are known; nothing is claimed of AIT's own.
  type Accounts = Record<string, { state: string; announced: number; lost: number }>
  await ledgerOf(
    folder.path('tap.json'),
    ({ accounting }) => (accounting as Accounts)?.['ours']?.announced === 101,
  )
  assert.equal((await tap.stop()).code, 0)
  const ledger = closedLedger(folder.path('tap.json'))
  const accounts = ledger['accounting'] as Accounts
  assert.equal(accounts['ours']?.state, 'accounted')
  assert.equal(accounts['theirs']?.state, 'unknown')
  assert.equal(ledger.received.messages, 102)
})
