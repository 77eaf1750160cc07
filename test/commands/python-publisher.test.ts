import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUSES, startPeer } from '../helpers/buses.ts'
import { ready } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp } from '../helpers/udp.ts'

for (const { name, start } of BUSES) {
  test(`a Python publisher's bytes and text come out of udp-out, through ${name}`, async t => {
    const folder = temporaryFolder(t)
    const bus = await start(t)
    if (!bus) return
    const receiver = await receiveUdp(t)
    const to = `127.0.0.1:${receiver.port}`
    const ledgerFile = folder.path('udp-out.json')
    const udpOut = await ready(t, bus, `udp-out Telemetry_Stream --to ${to} --ledger ${ledgerFile}`)

    // A tuple and a number have no bytes. Each is counted, and the next message is sent.
    const literals = [
      "b'\\x00\\xff\\xc0'",
      "'räksmörgås'",
      "('uid', b'x')",
      '7',
      "b''",
      `b'${'a'.repeat(9_000)}'`,
    ]
    const publisher = startPeer(t, 'publisher.py', [bus.xsub, 'Telemetry_Stream'], {
      input: `${literals.join('\n')}\n`,
    })
    assert(publisher)
    const expected = ['00ffc0', Buffer.from('räksmörgås').toString('hex'), '', '61'.repeat(9_000)]
    const datagrams = await receiver.atLeast(expected.length)
    assert.deepEqual(
      datagrams.map(datagram => datagram.toString('hex')),
      expected,
    )

    const { code, stderr } = await udpOut.stop()
    assert.equal(code, 0)
    assert.match(stderr, /warning: lost a message \(undeliverable\): /)
    const ledger = closedLedger(ledgerFile)
    assert.equal(ledger.sent.messages, 4)
    assert.deepEqual(lossesOf(ledger), { undeliverable: 2 })
  })
}
