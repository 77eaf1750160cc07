import assert from 'node:assert/strict'
import { test } from 'node:test'
import { available, named } from '../../../bench/chains/all.ts'
import { coldFigures } from '../../../bench/chains/cold.ts'
import type { Peer } from '../../../bench/chains/peers.ts'
import type { ChainResult } from '../../../bench/chains/result.ts'
import { chainTables, coldTable } from '../../../bench/chains/table.ts'
import type { Trial } from '../../../src/commands/bench/load.ts'
import { inTurn, type LatencyTrial, rateFigures } from '../../../bench/chains/warm.ts'

const start = () => Promise.reject(new Error('it is not started here'))
const PEERS: readonly Peer[] = [
  { name: 'groundwire', start },
  { name: 'C, tuned', start },
  { name: 'AIT', start, missing: 'it is not installed' },
]

test('chains that are missing are named with the reason', () => {
  const { peers, skipped } = available(PEERS)
  assert.deepEqual(
    peers.map(({ name }) => name),
    ['groundwire', 'C, tuned'],
  )
  assert.deepEqual(skipped, { AIT: 'it is not installed' })
})

test('chosen chains come beside groundwire', () => {
  assert.deepEqual(named(PEERS, []), PEERS)
  assert.deepEqual(
    named(PEERS, ['AIT']).map(({ name }) => name),
    ['groundwire', 'AIT'],
  )
})

test('searches take a step each in turn until all are over', async () => {
  const order: string[] = []
  const search = (name: string, steps: number) => ({
    step: () => {
      order.push(name)
      return Promise.resolve(--steps > 0)
    },
  })
  await inTurn([search('a', 2), search('b', 1), search('c', 3)])
  assert.deepEqual(order, ['a', 'b', 'c', 'a', 'c', 'c'])
})

function latencyTrial(p99: number, lost: number): LatencyTrial {
  return { p50: p99 / 10, p99, lost, cpuUs: p99 }
}

test('a rate has the latency of its middle trial, and the losses of all', () => {
  assert.deepEqual(rateFigures(8000, [latencyTrial(300, 1), latencyTrial(100, 0), latencyTrial(200, 2)]), {
    rate: 8000,
    p50: 20,
    p99: 200,
    spread: 1,
    cpuUs: 200,
    lost: 3,
  })
})

function coldTrial(lost: number, p99: number): Pick<Trial, 'sent' | 'received' | 'latency'> {
  return { sent: 100, received: 100 - lost, latency: { p50: 1, p99, p999: p99, max: p99 } }
}

test('cold trials are counted by whether they lost something', () => {
  assert.deepEqual(coldFigures(1000, [coldTrial(0, 10), coldTrial(7, 30), coldTrial(0, 20)]), {
    rate: 1000,
    trials: 3,
    lossless: 2,
    worstLoss: 7,
    p50: 1,
    p99: 20,
    spread: 1,
  })
  assert.equal(coldFigures(1000, []), null)
})

const OWN: ChainResult = {
  chain: 'groundwire',
  setting: null,
  size: 256,
  noDrop: [100_000, 90_000, 110_000],
  spread: 0.2,
  limitedBy: null,
  rates: [{ rate: 8000, p50: 100, p99: 1500, spread: 0.1, cpuUs: 50, lost: 0 }],
  roles: { in: { cpuUs: 2, peakMiB: 50 }, out: { cpuUs: 3, peakMiB: 60 } },
  burst: null,
  overload: null,
}

test('ratios are to groundwire, and a chain whose bench was the limit may carry more', () => {
  const other: ChainResult = {
    ...OWN,
    chain: 'C, tuned',
    noDrop: [200_000],
    limitedBy: 'generator',
    rates: [{ rate: 8000, p50: 200, p99: 750, spread: 0, cpuUs: 60, lost: 3 }],
  }
  const tables = chainTables([OWN, other])
  assert.match(tables, /\| groundwire +\| +100,000\/s \| +1\.00 \| +20 % \| +5\.0 µs \| 50 \+ 60 MiB \|/)
  assert.match(tables, /\| C, tuned +\| +≥ 200,000\/s \| +2\.00 \|/)
  assert.match(tables, /\| C, tuned +\| +200 µs \| +2\.00 \| +750 µs \| +0\.50 \| +0 % \| +60\.0 µs \| +3 \|/)
})

test('a cold rate stands beside the warm one', () => {
  const atRate = coldFigures(100_000, [])
  const table = coldTable([{ chain: 'groundwire', noDrop: 80_000, limitedBy: null, atRate }], [OWN])
  assert.match(table, /\| groundwire +\| +80,000\/s \| +0\.80 \|/)
})
