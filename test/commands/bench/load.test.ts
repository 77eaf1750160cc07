import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { PROJECT } from '../../../scripts/project.ts'
import type { Chain } from '../../../src/commands/bench/chain.ts'
import { Load } from '../../../src/commands/bench/load.ts'
import { measureOverload, passed, searchBurst } from '../../../src/commands/bench/measure.ts'

const WORKER = path.join(PROJECT, 'dist/commands/bench/worker.js')

/** A chain in this process that forwards the datagrams that `keeps` selects by number. */
async function relay(t: TestContext, output: number, keeps: (index: number) => boolean): Promise<Chain> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 }).bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  let index = 0
  socket.on('message', datagram => {
    if (keeps(index++)) socket.send(datagram, output, '127.0.0.1')
  })
  const roles = [{ name: 'relay', pid: process.pid }]
  return { name: 'relay', input: socket.address().port, roles, close: async () => {} }
}

async function startLoad(t: TestContext): Promise<Load> {
  const load = await Load.start(WORKER)
  t.after(() => load.close())
  return load
}

test('a trial counts what arrives, in order, and what its processes used', async t => {
  const load = await startLoad(t)
  const chain = await relay(t, load.port, () => true)
  await load.open(chain)
  const trial = await load.run(chain, 64, [{ rate: 500, messages: 100 }])
  // A generator that gets no time gives up what is late.
  assert(trial.sent > 0 && trial.sent <= 100, String(trial.sent))
  assert.equal(trial.received, trial.sent)
  assert.equal(trial.disordered, 0)
  assert(passed(trial))
  assert(trial.latency.p50 > 0 && trial.latency.max >= trial.latency.p50)
  assert.equal(trial.lastGapMs, null)
  if (process.platform === 'linux') assert((trial.roles['relay']?.peakMiB ?? 0) > 1)
})

test('a trial that loses something has failed', async t => {
  const load = await startLoad(t)
  // The first datagram only asks whether the way is open.
  const chain = await relay(t, load.port, index => index !== 3)
  await load.open(chain)
  const trial = await load.run(chain, 64, [{ rate: 500, messages: 100 }])
  assert.equal(trial.received, trial.sent - 1)
  assert(!passed(trial))
  assert(trial.lastGapMs !== null && trial.lastGapMs > (trial.times[0] ?? 0))
})

test('a burst is found by what is lost of it', async t => {
  const load = await startLoad(t)
  const chain = await relay(t, load.port, () => true)
  await load.open(chain)
  let tried = 0
  // A chain that carries at most 700 datagrams of a trial.
  const run = load.run.bind(load)
  load.run = async (...args) => {
    tried += 1
    const trial = await run(...args)
    return { ...trial, received: Math.min(trial.received, 700) }
  }
  const options = { load, size: 64, durationMs: 100, resolution: 0.1 }
  const burst = await searchBurst(options, chain)
  assert(burst <= 700 && burst >= 500, String(burst))
  assert(tried > 3)
  const overload = await measureOverload(options, chain, 1000)
  assert.equal(overload.offered, 2000)
  assert(overload.delivered > 0.5 && overload.delivered <= 1)
})
