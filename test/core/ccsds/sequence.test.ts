import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PacketSplitter } from '../../../src/core/framing/packet-splitter.ts'
import type { SequenceEvent, SequenceTotals } from '../../../src/core/ccsds/sequence-event.ts'
import { REORDER_WINDOW, SequenceAccount } from '../../../src/core/ccsds/sequence.ts'
import type { PacketType } from '../../../src/core/ccsds/space-packet.ts'
import { IDLE_APID, writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { TELEMETRY, sharedFile } from '../../helpers/shared.ts'

function packetOf(sequenceCount: number, apid = 42, type: PacketType = 'TM'): Buffer {
  const packet = Buffer.alloc(7)
  writePrimaryHeader(packet, { apid, sequenceCount, length: 7, type })
  return packet
}

/** The counts from `from` to `to`, both included, around the circle. */
function run(from: number, to: number): number[] {
  const length = ((to - from) & 16_383) + 1
  return Array.from({ length }, (_, i) => (from + i) % 16_384)
}

/** The account's findings for these counts on one stream: each event in short, and the figures that are not 0. */
function told(...counts: number[]) {
  const account = new SequenceAccount()
  const events = counts
    .map(count => account.observe(packetOf(count)))
    .filter((event): event is SequenceEvent => event !== undefined)
    .map(({ kind, count, expected, missing, revises }) =>
      [`${kind} ${count} for ${expected}`, missing && `${missing}`, revises && `not ${revises}`]
        .filter(Boolean)
        .join(', '),
    )
  const { packets, ...figures } = account.toJSON().apids['42'] as SequenceTotals
  assert.equal(packets, counts.length)
  return { events, figures: Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== 0)) }
}

test('counts in order are no event, from 16,383 to 0 too', () => {
  assert.deepEqual(told(...run(7, 6), ...run(7, 9)), { events: [], figures: {} })
})

test('a gap says how many are missing, across the wrap too', () => {
  assert.deepEqual(told(1, 2, 5), { events: ['gap 5 for 3, 2'], figures: { gaps: 1, missing: 2 } })
  assert.deepEqual(told(16_380, 3), { events: ['gap 3 for 16381, 6'], figures: { gaps: 1, missing: 6 } })
  assert.deepEqual(told(0, 8193, 8194).figures, { gaps: 1, missing: 8192 })
})

test('a late packet fills its gap', () => {
  assert.deepEqual(told(1, 2, 4, 3, 5), {
    events: ['gap 4 for 3, 1', 'out-of-order 3 for 5, -1'],
    figures: { outOfOrder: 1 },
  })
  assert.deepEqual(told(16_382, 1, 0).figures, { outOfOrder: 1, gaps: 1, missing: 1 })
})

test('a packet that came before is a duplicate, a late one that comes twice too', () => {
  assert.deepEqual(told(5, 6, 6, 5, 7), {
    events: ['duplicate 6 for 7', 'duplicate 5 for 7'],
    figures: { duplicates: 2 },
  })
  assert.deepEqual(told(1, 3, 2, 2, 4).figures, { outOfOrder: 1, duplicates: 1 })
  assert.deepEqual(told(16_383, 0, 16_383, 1).figures, { duplicates: 1 })
})

test('a packet from before the first one seen is out of order', () => {
  assert.deepEqual(told(1, 0, 2).figures, { outOfOrder: 1 })
})

/** Counts in which 21 comes `behind` counts late. */
function late(behind: number): number[] {
  return [20, ...run(22, 20 + behind), 21, 21 + behind]
}

test('a late packet at the far end of the window fills its gap, and one over it does not', () => {
  assert.deepEqual(told(...late(REORDER_WINDOW)).figures, { outOfOrder: 1 })
  assert.deepEqual(told(...late(REORDER_WINDOW + 1)), {
    events: ['gap 22 for 21, 1', 'restart 21 for 278', 'out-of-order 21 for 278, not restart'],
    figures: { outOfOrder: 1, gaps: 1, missing: 1 },
  })
})

test('a count that falls back far is a restart, and hides no loss before it', () => {
  assert.deepEqual(told(...run(0, 499), 502, ...run(0, 9)), {
    events: ['gap 502 for 500, 2', 'restart 0 for 503'],
    figures: { gaps: 1, missing: 2, restarts: 1 },
  })
  assert.deepEqual(told(...run(9000, 9001), ...run(3, 9)).figures, { restarts: 1 })
  assert.deepEqual(told(...run(15_000, 15_001), ...run(0, 9)).figures, { restarts: 1 }, 'forward, but at 0')
  assert.deepEqual(told(8000, 16_000, ...run(100, 105)).figures, { gaps: 2, missing: 8482 }, 'this errs')
})

test('a stream that starts over from 0 after a few packets is a restart', () => {
  assert.deepEqual(told(0, 1, 2, 0, 1, 2, 3), {
    events: ['duplicate 0 for 3', 'restart 1 for 3, not duplicate'],
    figures: { restarts: 1 },
  })
  assert.deepEqual(told(5, 6, 0, 1, 2).figures, { restarts: 1 })
  assert.deepEqual(told(...run(0, 9), 0, 1, 10, 11).figures, { duplicates: 2 }, 'unless it goes on as before')
})

test('after a restart, the counts of before are no duplicates', () => {
  assert.deepEqual(told(...run(0, 999), ...run(0, 999), ...run(0, 999)).figures, { restarts: 2 })
})

test('one packet astray takes its jump back', () => {
  assert.deepEqual(told(5, 6, 4000, 7, 8), {
    events: ['gap 4000 for 7, 3993', 'out-of-order 4000 for 7, -3993, not gap'],
    figures: { outOfOrder: 1 },
  })
  assert.deepEqual(told(5, 6, 12_000, 9, 10), {
    events: ['restart 12000 for 7', 'gap 9 for 7, 2, not restart'],
    figures: { outOfOrder: 1, gaps: 1, missing: 2 },
  })
})

test('TM and TC of an APID, and other APIDs, are streams of their own', () => {
  const account = new SequenceAccount()
  for (let i = 0; i < 5; i++) {
    assert.equal(account.observe(packetOf(i, 42)), undefined)
    assert.equal(account.observe(packetOf(900 + i, 42, 'TC')), undefined)
    assert.equal(account.observe(packetOf(80 + i, 0)), undefined)
  }
  const event = account.observe(packetOf(906, 42, 'TC'))
  assert.deepEqual(event, { type: 'TC', apid: 42, kind: 'gap', count: 906, expected: 905, missing: 1 })
  const none = { gaps: 0, missing: 0, duplicates: 0, outOfOrder: 0, restarts: 0 }
  assert.deepEqual(JSON.parse(JSON.stringify(account)), {
    packets: 16,
    notCcsds: 0,
    idle: 0,
    ...none,
    gaps: 1,
    missing: 1,
    apids: {
      '0': { packets: 5, ...none },
      '42': { packets: 5, ...none },
      'TC 42': { packets: 6, ...none, gaps: 1, missing: 1 },
    },
  })
})

test('idle packets are counted, not followed; what is no whole packet is counted apart', () => {
  const account = new SequenceAccount()
  for (const count of [9, 9, 3, 0]) assert.equal(account.observe(packetOf(count, IDLE_APID)), undefined)
  const whole = packetOf(1)
  for (const bytes of [
    whole.subarray(0, 6),
    Buffer.concat([whole, whole]),
    Buffer.from('not CCSDS'),
    Buffer.alloc(0),
  ])
    assert.equal(account.observe(bytes), undefined)
  const { packets, idle, notCcsds, apids } = account.toJSON()
  assert.deepEqual({ packets, idle, notCcsds, apids }, { packets: 4, idle: 4, notCcsds: 4, apids: {} })
})

test('property: drops, repeats and swaps of neighbours are told exactly', () => {
  const fates = fc.array(fc.constantFrom('sent', 'sent', 'sent', 'dropped', 'doubled', 'swapped'), {
    maxLength: 400,
  })
  fc.assert(
    fc.property(fc.nat(16_383), fates, (start, middle) => {
      // The packets around it make every loss visible: one before, and two after so that a swap has a partner.
      const fate = ['sent', ...middle, 'sent', 'sent']
      const counts = fate.map((_, i) => (start + i) % 16_384)
      const arrived: number[] = []
      let swaps = 0
      for (let i = 0; i < fate.length; i++) {
        const count = counts[i] as number
        if (fate[i] === 'swapped' && fate[i + 1] === 'sent') {
          arrived.push(counts[i + 1] as number, count)
          swaps++
          i++
        } else if (fate[i] === 'doubled') arrived.push(count, count)
        else if (fate[i] !== 'dropped') arrived.push(count)
      }
      const { figures } = told(...arrived)
      const expected = {
        missing: fate.filter(f => f === 'dropped').length,
        duplicates: fate.filter(f => f === 'doubled').length,
        outOfOrder: swaps,
        restarts: 0,
      }
      assert.deepEqual(
        { missing: 0, duplicates: 0, outOfOrder: 0, restarts: 0, ...figures, gaps: 0 },
        { ...expected, gaps: 0 },
      )
    }),
  )
})

test('property: any counts at all: no figure is ever negative, and events add up to the missing', () => {
  const counts = fc.array(fc.oneof(fc.nat(16_383), fc.nat(20), fc.integer({ min: 240, max: 280 })), {
    maxLength: 300,
  })
  fc.assert(
    fc.property(counts, sequence => {
      const account = new SequenceAccount()
      let missing = 0
      for (const count of sequence) {
        missing += account.observe(packetOf(count))?.missing ?? 0
        const figures = account.toJSON()
        assert.equal(figures.missing, missing)
        assert.ok(Object.values(figures).every(figure => typeof figure !== 'number' || figure >= 0))
        assert.equal(figures.gaps === 0, figures.missing === 0)
      }
    }),
  )
})

for (const { file, packets, apid } of TELEMETRY) {
  test(`${file} has no gap, and every second packet of it has one each time`, t => {
    const bytes = sharedFile(file)
    if (!bytes) return t.skip('the shared telemetry is not here')
    const account = new SequenceAccount()
    const halved = new SequenceAccount()
    let i = 0
    for (const packet of new PacketSplitter().push(bytes)) {
      assert.equal(account.observe(packet), undefined)
      if (i++ % 2 === 0) halved.observe(packet)
    }
    assert.equal(account.toJSON().apids[apid]?.packets, packets)
    assert.equal(halved.toJSON().missing, packets / 2 - 1)
    assert.equal(halved.toJSON().gaps, packets / 2 - 1)
  })
}
