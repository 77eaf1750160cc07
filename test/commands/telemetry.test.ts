import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { TelemetrySource } from '../../src/core/ccsds/telemetry-source.ts'
import { listeningPort, ready, shell, startProxy } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { sharedFile, TELEMETRY } from '../helpers/shared.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp, sendUdp } from '../helpers/udp.ts'

const RATE = 2_000

for (const { file, size } of TELEMETRY) {
  test(`every packet of ${file} crosses the bus at ${RATE} a second, in order and byte for byte`, async t => {
    const recorded = sharedFile(file)
    if (!recorded) return t.skip('the shared telemetry is not here')
    const packets = Array.from({ length: recorded.length / size }, (_, i) =>
      recorded.subarray(i * size, (i + 1) * size),
    )
    await crossTheBus(t, packets)
  })
}

test(`packets of many sizes cross the bus at ${RATE} a second, in order and byte for byte`, async t => {
  await crossTheBus(
    t,
    Array.from({ length: 2_000 }, (_, i) =>
      new TelemetrySource({ apid: i % 2047, size: 20 + ((i * 37) % 4_000) }).next(BigInt(i)),
    ),
  )
})

/** UDP → udp-in → proxy → udp-out → UDP, with a tap that records. */
async function crossTheBus(t: TestContext, packets: readonly Buffer[]): Promise<void> {
  const folder = temporaryFolder(t)
  const proxy = await startProxy(t, `--ledger ${folder.path('proxy.json')}`)
  const receiver = await receiveUdp(t)
  const tap = shell(t, `groundwire tap telem -f raw -c ${packets.length} --ledger tap.json > pass.tlm`, {
    cwd: folder.path('.'),
    env: proxy.env,
  })
  await tap.untilStderr(/: ready: /)
  const to = `127.0.0.1:${receiver.port}`
  const udpOut = await ready(t, proxy, `udp-out telem --to ${to} --ledger ${folder.path('udp-out.json')}`)
  const udpIn = await ready(t, proxy, `udp-in 0 telem --ledger ${folder.path('udp-in.json')}`)

  await sendUdp(await listeningPort(udpIn), packets, RATE)

  const arrived = await receiver.atLeast(packets.length)
  const { code } = await tap.exit
  assert.equal(code, 0)
  for (const run of [udpIn, proxy.run, udpOut]) assert.equal((await run.stop()).code, 0)

  const telemetry = Buffer.concat(packets)
  assert(Buffer.concat(arrived).equals(telemetry), 'what arrived is not what was sent')
  assert.deepEqual(
    arrived.map(packet => packet.length),
    packets.map(packet => packet.length),
  )
  assert(folder.read('pass.tlm').equals(telemetry), 'what was recorded is not what was sent')
  const all = { messages: packets.length, bytes: telemetry.length }
  for (const role of ['udp-in', 'udp-out', 'tap']) {
    const ledger = closedLedger(folder.path(`${role}.json`))
    assert.deepEqual(ledger.sent, all, role)
    assert.equal(ledger.received.messages, all.messages, role)
    assert.equal(ledger.topics['telem']?.messages, all.messages, role)
    assert.deepEqual(lossesOf(ledger), {}, role)
  }
  const { sent } = closedLedger(folder.path('proxy.json'))
  assert(sent.messages >= packets.length)
}
