import assert from 'node:assert/strict'
import { sequenceCountOf } from '../../../src/core/ccsds/space-packet.ts'
import { type Check, put } from '../../helpers/examples.ts'
import { groundwire, listeningPort, ready, shell } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { busAt, hear, localBus, send } from '../../helpers/local-bus.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp, sendUdp, unusedPort } from '../../helpers/udp.ts'
import { on, received, telemetry } from './messages.ts'

/** Examples that wire a bus together, and ask how it fares. */
export const BUS_CHECKS: Readonly<Record<string, Check>> = {
  'groundwire proxy &\ngroundwire udp-in 3076 telem &\ngroundwire udp-out telem --to 127.0.0.1:3077': async (
    t,
    lines,
  ) => {
    const folder = temporaryFolder(t)
    const receiver = await receiveUdp(t)
    const bus = busAt(`ipc://${folder.path('xsub')}`, `ipc://${folder.path('xpub')}`)
    const run = shell(t, put(lines, { 3076: 0, 3077: receiver.port }), { env: bus.env })
    for (const role of ['proxy', 'udp-in', 'udp-out']) await run.untilStderr(new RegExp(`${role}: ready: `))
    const packets = telemetry(10)
    await sendUdp(await listeningPort(run), packets)
    assert.deepEqual(await receiver.atLeast(10), packets)
    const { code, stderr } = await run.stop()
    assert.equal(code, 0)
    for (const role of ['proxy', 'udp-in', 'udp-out'])
      assert.match(stderr, new RegExp(`${role}: received 10 .*, sent 10, unheard 0, lost 0\n`))
  },

  'groundwire simulate --to 127.0.0.1:3076 --rate 10': async (t, line) => {
    const receiver = await receiveUdp(t)
    const run = shell(t, put(line, { 3076: receiver.port }))
    const counts = (await receiver.atLeast(3)).map(packet => sequenceCountOf(packet))
    assert.deepEqual(counts.slice(0, 3), [0, 1, 2])
    assert.equal((await run.stop()).code, 0)
  },

  'groundwire tap telem -c 1 -W 5s': async (t, line) => {
    const bus = await localBus(t)
    const flowing = shell(t, line, { env: bus.env })
    await send(bus, on('telem', ['here']))
    assert.equal((await flowing.exit).code, 0)
    assert.match(flowing.stdout.toString(), /^\S+ telem 4 /)
    // Where nothing comes it takes its five seconds.
    const soon = put(line, { '5s': '1s' })
    const silent = shell(t, soon, { env: bus.env })
    const absent = `tcp://127.0.0.1:${await unusedPort()}`
    const alone = shell(t, soon, { env: busAt(absent, absent).env })
    assert.equal((await silent.exit).code, 4)
    assert.equal((await alone.exit).code, 3)
  },

  'groundwire tap --stats --duration 10s': async (t, line) => {
    const bus = await localBus(t)
    const run = shell(t, put(line, { '10s': '1s' }), { env: bus.env })
    await send(bus, [...on('telem', telemetry(5)), ['events', Buffer.from('up')]])
    const { code, stdout } = await run.exit
    assert.equal(code, 0)
    assert.match(stdout.toString(), /^telem +5 +320 /m)
    assert.match(stdout.toString(), /^events +1 +2 /m)
  },

  "groundwire tap telem --duration 10s -f none --expect 'rate 9..11' --expect no-gaps": async (t, line) => {
    const [good, bad] = [await localBus(t), await localBus(t)]
    const udpIn = await ready(t, good, 'udp-in 0 telem')
    groundwire(t, `simulate --rate 10 --to 127.0.0.1:${await listeningPort(udpIn)}`)
    const shorter = put(line, { '10s': '3s' })
    const met = shell(t, shorter, { env: good.env })
    const unmet = shell(t, shorter, { env: bad.env })
    const packets = telemetry(12)
    packets.splice(5, 1)
    await send(bad, on('telem', packets))
    const { code, stdout, stderr } = await met.exit
    assert.equal(code, 0, stderr)
    assert.equal(stdout.length, 0)
    const failed = await unmet.exit
    assert.equal(failed.code, 4)
    assert.match(failed.stderr, /error: expected rate 9\.\.11, saw /)
    assert.match(failed.stderr, /error: expected no-gaps, saw /)
  },

  'groundwire udp-in 3076 telem --ccsds --fail-on-loss --ledger udp-in.json': async (t, line) => {
    const [folder, bus] = [temporaryFolder(t), await localBus(t)]
    const heard = await hear(t, bus, 'telem')
    const run = shell(t, put(line, { 3076: 0 }), { env: bus.env, cwd: folder.path('.') })
    await run.untilStderr(/: ready: /)
    const packets = telemetry(6)
    packets.splice(2, 1)
    await sendUdp(await listeningPort(run), packets)
    assert.deepEqual(received(await heard.atLeast(5)), on('telem', packets))
    assert.equal((await run.stop()).code, 6)
    const ledger = closedLedger(folder.path('udp-in.json'))
    assert.deepEqual(lossesOf(ledger), {})
    assert.equal(ledger.ccsds?.missing, 1)
  },

  'groundwire proxy --xsub "tcp://*:5559" --xpub "tcp://*:5560"': async (t, line) => {
    const run = shell(t, put(line, { 5559: '*', 5560: '*' }))
    const [, xsub, xpub] = await run.untilStderr(
      /tcp:\/\/(?:0\.0\.0\.0|\[::\]):(\d+) \(xsub\).*:(\d+) \(xpub\)/,
    )
    const bus = busAt(`tcp://127.0.0.1:${xsub}`, `tcp://127.0.0.1:${xpub}`)
    const heard = await hear(t, bus, 'telem')
    await send(bus, on('telem', ['here']))
    assert.deepEqual(received(await heard.atLeast(1)), on('telem', ['here']))
    assert.equal((await run.stop()).code, 0)
  },
}
