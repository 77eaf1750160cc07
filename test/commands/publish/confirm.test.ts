import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { BUSES } from '../../helpers/buses.ts'
import { collect } from '../../helpers/collector.ts'
import { groundwire, PATIENCE_MS, ready, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { keepPublishing } from '../../helpers/publisher.ts'

for (const { name, start } of BUSES) {
  test(`--confirm is exit 0 when all have passed ${name}: equal ones, several topics, a topic that begins another`, async t => {
    const bus = await start(t)
    if (bus === undefined) return t.skip('Python has no ZeroMQ here')
    const collector = await collect(t, bus)
    const folder = temporaryFolder(t)
    const one = await groundwire(t, 'publish telem x --repeat 1500 --confirm', { env: bus.env }).exit
    assert.equal(one.code, 0, one.stderr)
    assert.match(
      one.stderr,
      /sent 1500, unheard 0, lost 0\npublish: confirmed: all that was sent has passed the proxy\n$/,
    )
    const topics = ['a', 'ab', 'a', 'b', 'abc', 'ab']
    const input = topics.map(topic => JSON.stringify({ topic, payload: 0 })).join('\n')
    const words = `publish - -f json --confirm --ledger ${folder.path('books')}`
    const many = await groundwire(t, words, { env: bus.env, input }).exit
    assert.equal(many.code, 0, many.stderr)
    assert.equal(closedLedger(folder.path('books'))['confirmed'], topics.length)
    await collector.atLeast(1500 + topics.length)
    assert.equal(collector.count, 1500 + topics.length, 'nothing is sent beside the messages')
  })
}

test("the echo's own subscription is no listener", async t => {
  const proxy = await localBus(t)
  const none = await groundwire(t, 'publish telem x --confirm --wait 500ms', { env: proxy.env }).exit
  assert.equal(none.code, 3)
  assert.match(none.stderr, /no subscriber asked for 'telem' within 0.5 s .*nothing was sent/)

  await collect(t, proxy, { topics: ['a'] })
  // In ZeroMQ, a subscription to 'a' covers 'ab'. The listener has it, and ours must not count as one.
  const input = ['a', 'b', 'a'].map(topic => JSON.stringify({ topic, payload: 0 })).join('\n')
  const some = await groundwire(t, 'publish - -f json --confirm --wait 1s', { env: proxy.env, input }).exit
  assert.equal(some.code, 3)
  assert.match(some.stderr, /sent 2, unheard 1, lost 0/)
})

test('it is confirmed while others publish the same', async t => {
  const proxy = await localBus(t)
  await collect(t, proxy, { topics: ['telem'] })
  await using other = new ZMQClient({ name: 'telem', xsub: proxy.xsub })
  await other.start()
  await other.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  keepPublishing(t, other, Buffer.from('x'), 1)
  const { code, stderr } = await groundwire(t, 'publish telem x --repeat 2000 --confirm', { env: proxy.env })
    .exit
  assert.equal(code, 0, stderr)
})

test('a proxy that is stopped after the connection: exit 4 once its time is over', async t => {
  const proxy = await startProxy(t)
  await collect(t, proxy, { topics: ['telem'] })
  const run = await ready(t, proxy, 'publish telem --split lines --confirm --wait 1s')
  proxy.run.kill('SIGSTOP')
  const started = performance.now()
  run.process.stdin.end('1\n2\n')
  const { code, stderr } = await run.exit
  const took = performance.now() - started
  assert.equal(code, 4, stderr)
  assert.match(
    stderr,
    /error: 0 of 2 messages are known to have passed the proxy \(no echo within 1 s; the others may still arrive\)\n$/,
  )
  assert(took > 900, `${took} ms`)
})

test('a proxy that is stopped in the middle of a stream: exit 4, and what had passed is told', async t => {
  const proxy = await startProxy(t)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  const run = await ready(t, proxy, 'publish telem --split lines --confirm --wait 1s')
  run.process.stdin.write('1\n2\n3\n')
  await collector.atLeast(3)
  proxy.run.kill('SIGSTOP')
  // Far more than may be unconfirmed: publish stops reading.
  run.process.stdin.end('4\n'.repeat(100_000))
  const { code, stderr } = await run.exit
  assert.equal(code, 4, stderr)
  const [, confirmed, sent] = /(\d+) of (\d+) messages are known to have passed the proxy/.exec(stderr) ?? []
  assert(Number(confirmed) >= 0 && Number(confirmed) <= 3, stderr)
  assert(Number(sent) <= 600, stderr)
})

test('no proxy at --xpub: exit 4, and nothing was sent', async t => {
  const proxy = await localBus(t)
  const collector = await collect(t, proxy, { topics: ['telem'] })
  const words = 'publish telem x --confirm --wait 500ms --xpub tcp://127.0.0.1:1'
  const { code, stderr } = await groundwire(t, words, { env: proxy.env }).exit
  assert.equal(code, 4, stderr)
  assert.match(
    stderr,
    /error: the echo of 'telem' can't be heard at tcp:\/\/127\.0\.0\.1:1 within 0\.5 s \(nothing was sent to that topic\)/,
  )
  assert.equal(collector.count, 0)
})
