import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUSES, startPeer, subscribed } from '../helpers/buses.ts'
import { groundwire, listeningPort, ready } from '../helpers/groundwire.ts'
import { sendUdp } from '../helpers/udp.ts'

for (const { name, start } of BUSES) {
  test(`a Python subscriber reads each datagram of udp-in as two frames, topic and bin, through ${name}`, async t => {
    const bus = await start(t)
    const subscriber = bus && startPeer(t, 'subscriber.py', [bus.xpub, 'telem'])
    if (!subscriber) return
    await subscribed(bus, 'telem')
    const udpIn = await ready(t, bus, 'udp-in 0 telem')

    const packets = ['00', '082ac000000100ff', 'c3'.repeat(300), 'ff'.repeat(65_000)]
    await sendUdp(
      await listeningPort(udpIn),
      packets.map(hex => Buffer.from(hex, 'hex')),
    )

    const expected = packets.map(hex => `2 telem bytes ${hex}\n`).join('')
    await subscriber.until(({ stdout }) => stdout.length >= expected.length, 'all messages')
    assert.equal(subscriber.stdout.toString(), expected)
  })

  test(`a Python subscriber to everything is shown what was published and no more, through ${name}`, async t => {
    const bus = await start(t)
    const subscriber = bus && startPeer(t, 'subscriber.py', [bus.xpub, ''])
    if (!subscriber) return
    await subscribed(bus, 'anything')
    // Publishers announce only while one of groundwire's receivers is there.
    for (const message of ['one', 'two']) {
      const run = groundwire(t, `publish telem ${message}`, { env: bus.env })
      assert.equal((await run.exit).code, 0)
    }
    const expected = '2 telem bytes 6f6e65\n2 telem bytes 74776f\n'
    await subscriber.until(({ stdout }) => stdout.length >= expected.length, 'both messages')
    assert.equal(subscriber.stdout.toString(), expected)
  })
}
