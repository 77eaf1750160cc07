import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { cProgram } from '../../bench/programs.ts'
import { lineOf, startUdpLoad } from '../../bench/udp-load.ts'
import { passed } from '../../src/commands/bench/measure.ts'

test('requests are lines, and a load without a rate goes back to back', () => {
  const phases = [
    { rate: 1000, messages: 5 },
    { rate: null, messages: 7 },
  ]
  assert.equal(lineOf({ type: 'send', trial: 3, port: 9, size: 64, phases }), 'send 3 9 64 1000 5 0 7')
  assert.equal(lineOf({ type: 'expect', trial: 3 }), 'expect 3')
  assert.equal(lineOf({ type: 'report' }), 'report')
})

test('the load in C counts losses, disorder and latency as that in TypeScript does', async t => {
  if (cProgram('udp-load') === undefined) return t.skip('there is no C compiler')
  const { load, language } = await startUdpLoad()
  t.after(() => load.close())
  assert.equal(language, 'C')
  const relay = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 }).bind(0, '127.0.0.1')
  await once(relay, 'listening')
  t.after(() => relay.close())
  let held: Buffer | undefined
  let change: 'none' | 'lose' | 'swap' = 'none'
  relay.on('message', datagram => {
    const sequence = datagram.readUInt32LE(4)
    if (change === 'lose' && sequence === 3) return
    if (change === 'swap' && sequence === 3) held = datagram
    else relay.send(datagram, load.port, '127.0.0.1')
    if (change === 'swap' && sequence === 4 && held !== undefined) relay.send(held, load.port, '127.0.0.1')
  })
  const chain = { name: 'relay', input: relay.address().port, roles: [], close: async () => {} }
  await load.open(chain)
  const phases = [{ rate: 500, messages: 50 }]

  const whole = await load.run(chain, 64, phases)
  assert(passed(whole) && whole.sent > 0 && whole.sent <= 50)
  assert.equal(whole.lastGapMs, null)
  const { p50, p99, max } = whole.latency
  assert(p50 > 0 && p50 <= p99 && p99 <= max && max < 60e6, JSON.stringify(whole.latency))

  change = 'lose'
  const lossy = await load.run(chain, 64, phases)
  assert.equal(lossy.received, lossy.sent - 1)
  const [first = 0, last = 0] = lossy.times
  assert(lossy.lastGapMs !== null && lossy.lastGapMs >= first && lossy.lastGapMs <= last)

  change = 'swap'
  const mixed = await load.run(chain, 64, phases)
  assert.equal(mixed.received, mixed.sent)
  assert.equal(mixed.disordered, 1)
})
