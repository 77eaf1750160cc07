import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SequenceLedger } from '../../../src/core/ccsds/sequence-event.ts'
import { TelemetrySource } from '../../../src/core/ccsds/telemetry-source.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { ledgerOf } from '../../helpers/books.ts'
import { listeningPort, ready } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { sendUdp } from '../../helpers/udp.ts'

/** Packets of one APID with these sequence counts. */
function packets(apid: number, counts: readonly number[]): Buffer[] {
  return counts.map(count => new TelemetrySource({ apid, size: 20, count }).next(0n))
}

/** So many consecutive counts from `from`, past the wrap at 16,383. */
function run(from: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (from + i) % 16_384)
}

async function witness(t: Parameters<Parameters<typeof test>[0] & object>[0], datagrams: readonly Buffer[]) {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const udpIn = await ready(t, proxy, `udp-in 0 telem --ccsds --ledger ${file} --fail-on-loss`)
  await sendUdp(await listeningPort(udpIn), datagrams)
  await ledgerOf(file, ({ received }) => received.messages === datagrams.length)
  const { code, stderr } = await udpIn.stop()
  return { code, stderr, ccsds: closedLedger(file)['ccsds'] as SequenceLedger }
}

test('a wrap from 16,383 to 0 and an APID of its own are no loss: exit 0', async t => {
  const datagrams = [...packets(42, run(16_380, 10)), ...packets(7, run(100, 5))]
  const { code, ccsds } = await witness(t, datagrams)
  const { packets: seen, gaps, missing, duplicates, outOfOrder, restarts } = ccsds
  assert.deepEqual(
    { seen, gaps, missing, duplicates, outOfOrder, restarts },
    { seen: 15, gaps: 0, missing: 0, duplicates: 0, outOfOrder: 0, restarts: 0 },
  )
  assert.equal(code, 0)
})

test('gaps, duplicates, late packets and a restart are told apart, and what is missing is exit 6', async t => {
  const counts = [
    ...run(16_380, 8), // 16,380 to 3, past the wrap
    ...run(7, 3), // 4, 5 and 6 are missing
    8, // again
    5, // late: one less is missing of that gap
    ...run(10, 10),
    ...run(30, 5), // 20 to 29 are missing
    ...run(0, 5), // begun anew
  ]
  const { code, stderr, ccsds } = await witness(t, packets(42, counts))
  const { packets: seen, gaps, missing, duplicates, outOfOrder, restarts } = ccsds
  assert.deepEqual(
    { seen, gaps, missing, duplicates, outOfOrder, restarts },
    { seen: counts.length, gaps: 2, missing: 12, duplicates: 1, outOfOrder: 1, restarts: 1 },
  )
  assert.match(stderr, /warning: APID 42: 3 missing before count 7 \(expected 4\)/)
  assert.equal(code, 6)
})
