import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundwire, listeningPort } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { type RawSocket, rawXpub, rawXsub } from '../helpers/raw-sockets.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp, sendUdp } from '../helpers/udp.ts'

/** The output of a foreign broker: three malformed messages among good ones. */
async function sendHostile(broker: RawSocket): Promise<void> {
  await broker.subscribed('telem')
  await broker.send('telem', Buffer.from('c403010203', 'hex'))
  await broker.send('telem')
  await broker.send('telem', 'a', 'b')
  await broker.send(Buffer.from('telem\xff', 'latin1'), Buffer.from('c40109', 'hex'))
  // Another topic, and one that our topic is a prefix of. ZeroMQ delivers both, and neither is a loss.
  await broker.send('telemetry', Buffer.from('c40109', 'hex'))
  // Not msgpack: read as bytes, as in AIT.
  await broker.send('telem', Buffer.from('c1ff', 'hex'))
}

test('udp-out goes on after malformed messages, and tells and counts them', async t => {
  const folder = temporaryFolder(t)
  const broker = await rawXpub(t)
  const receiver = await receiveUdp(t)
  const udpOut = groundwire(
    t,
    `udp-out telem --xpub ${broker.url} --to 127.0.0.1:${receiver.port} --ledger ${folder.path('ledger.json')}`,
  )
  await sendHostile(broker)
  const datagrams = await receiver.atLeast(2)
  assert.deepEqual(
    datagrams.map(datagram => datagram.toString('hex')),
    ['010203', 'c1ff'],
  )
  const { code, stderr } = await udpOut.stop()
  assert.equal(code, 0)
  assertSaid(stderr)
  assert.deepEqual(lossesOf(closedLedger(folder.path('ledger.json'))), { malformed: 3 })
})

test('tap goes on after malformed messages, and tells and counts them', async t => {
  const folder = temporaryFolder(t)
  const broker = await rawXpub(t)
  const tap = groundwire(
    t,
    `tap telem -f hex -c 2 --xpub ${broker.url} --ledger ${folder.path('ledger.json')}`,
  )
  await sendHostile(broker)
  const { code, stdout, stderr } = await tap.exit
  assert.equal(code, 0)
  assert.equal(stdout.toString(), '010203\nc1ff\n')
  assertSaid(stderr)
  assert.deepEqual(lossesOf(closedLedger(folder.path('ledger.json'))), { malformed: 3 })
})

test('with --fail-on-loss, malformed messages end in exit 6', async t => {
  const broker = await rawXpub(t)
  const tap = groundwire(t, `tap telem -f hex -c 2 --fail-on-loss --xpub ${broker.url}`)
  await sendHostile(broker)
  assert.equal((await tap.exit).code, 6)
})

test('udp-in goes on after malformed subscriptions', async t => {
  const { socket: broker, url } = await rawXsub(t)
  const udpIn = groundwire(t, `udp-in 0 telem --xsub ${url}`)
  const port = await listeningPort(udpIn)
  await udpIn.untilStderr(/: ready: /)
  await broker.send('hello')
  await broker.send(['a', 'b', 'c'])
  await broker.send(Buffer.alloc(0))
  await broker.send(Buffer.from('\x01telem'))
  await sendUdp(port, [Buffer.from('0a', 'hex')])
  const frames = await broker.receive()
  assert.deepEqual(
    frames.map(frame => frame.toString('hex')),
    [Buffer.from('telem').toString('hex'), 'c4010a'],
  )
  assert.equal((await udpIn.stop()).code, 0)
})

function assertSaid(stderr: string): void {
  assert.match(
    stderr,
    /warning: lost a message \(malformed\): 1 frame under topic 'telem' where a message has 2\n/,
  )
  assert.match(stderr, /warning: lost 2 more \(malformed\)\n/)
}
