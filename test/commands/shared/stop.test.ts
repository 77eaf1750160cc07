import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { localBus } from '../../helpers/local-bus.ts'
import { subscribed } from '../../helpers/buses.ts'
import { groundwire, listeningPort, ready, type Run, startProxy } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp, sendUdp, unusedPort } from '../../helpers/udp.ts'

/** Each command at work, and what of its last line says that it was. */
const WORKING: Record<string, (t: TestContext) => Promise<Run>> = {
  proxy: async t => (await startProxy(t)).run,
  'udp-in': async t => ready(t, await localBus(t), 'udp-in 0 telem'),
  'udp-out': async t =>
    ready(t, await startProxy(t), `udp-out telem --to 127.0.0.1:${(await receiveUdp(t)).port}`),
  tap: async t => ready(t, await localBus(t), 'tap'),
  simulate: async t => {
    const run = groundwire(t, `simulate --to 127.0.0.1:${(await receiveUdp(t)).port}`)
    await run.untilStderr(/: ready: /)
    return run
  },
  demo: async t => {
    const run = groundwire(t, 'demo --duration 1h')
    await run.until(({ stdout }) => stdout.length > 0, 'a packet')
    return run
  },
}

/** Each command that waits for its proxy. */
const WAITING = ['udp-in 0 telem', 'udp-out telem --to 127.0.0.1:9', 'tap', 'publish telem hello --wait 1h']

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  for (const [command, start] of Object.entries(WORKING)) {
    test(`${signal} ends ${command} with its ledger in one line, and exit 0`, async t => {
      const { code, stderr } = await (await start(t)).stop(signal)
      assert.equal(code, 0, stderr)
      assert.match(stderr, new RegExp(`^${command}: received \\d+ .*, lost 0$`, 'm'))
      assert.doesNotMatch(stderr, /error|warning/)
    })
  }

  for (const line of WAITING) {
    test(`${signal} ends '${line}' that waits for its proxy, and exit 0`, async t => {
      const run = groundwire(
        t,
        `${line} --${line.startsWith('udp-in') || line.startsWith('publish') ? 'xsub' : 'xpub'} tcp://127.0.0.1:${await unusedPort()}`,
      )
      await run.untilStderr(/waiting for the proxy/)
      const { code, stdout, stderr } = await run.stop(signal)
      assert.equal(code, 0, stderr)
      assert.equal(stdout.length, 0)
      assert.doesNotMatch(stderr, /error|warning/)
    })
  }
}

test('SIGINT ends a publish that waits for a subscriber, and exit 0', async t => {
  const proxy = await startProxy(t, '--verbose')
  const run = groundwire(t, 'publish telem hello --wait 1h', { env: proxy.env })
  await proxy.run.untilStderr(/a publisher joined/)
  const { code, stderr } = await run.stop()
  assert.equal(code, 0, stderr)
})

test('SIGINT ends a demo before its first packet, and exit 0', async t => {
  const run = groundwire(t, 'demo --rate 0.001 --duration 1h')
  await run.untilStderr(/ready: /)
  const { code, stderr } = await run.stop()
  assert.equal(code, 0, stderr)
})

test('what has arrived when the signal comes still goes out', async t => {
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const tap = await ready(t, proxy, 'tap telem -f hex -c 50')
  await subscribed(proxy, 'telem')
  const udpIn = await ready(t, proxy, `udp-in 0 telem --ledger ${folder.path('ledger.json')}`)
  const port = await listeningPort(udpIn)
  udpIn.kill('SIGSTOP')
  await sendUdp(
    port,
    Array.from({ length: 50 }, (_, i) => Buffer.from([i])),
  )
  udpIn.kill('SIGINT')
  udpIn.kill('SIGCONT')
  assert.equal((await udpIn.exit).code, 0)
  const { sent, ...ledger } = closedLedger(folder.path('ledger.json'))
  assert.equal(sent.messages, 50)
  assert.deepEqual(lossesOf({ sent, ...ledger }), {})
  assert.equal((await tap.exit).stdout.toString().trimEnd().split('\n').length, 50)
})

test('what the bus does not take within two seconds of the signal is counted, and said', async t => {
  const folder = temporaryFolder(t)
  const url = `tcp://127.0.0.1:${await unusedPort()}`
  const udpIn = groundwire(t, `udp-in 0 telem --xsub ${url} --ledger ${folder.path('ledger.json')}`)
  await sendUdp(await listeningPort(udpIn), [Buffer.from('a'), Buffer.from('b')])
  const started = performance.now()
  const { code, stderr } = await udpIn.stop()
  assert(performance.now() - started >= 1_900, 'it did not try for two seconds')
  assert.equal(code, 0)
  assert.match(stderr, /warning: the bus did not take all that was in hand within 2 s\n/)
  assert.match(stderr, /warning: lost a message \(undeliverable\): still queued for the proxy/)
  assert.match(stderr, /udp-in: received 2 \(2 bytes\), sent 0, unheard 0, lost 2 \(undeliverable 2\)\n/)
  assert.deepEqual(lossesOf(closedLedger(folder.path('ledger.json'))), { undeliverable: 2 })
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`a second ${signal} ends at once what is still flushing, and exit ${expected}`, async t => {
    const url = `tcp://127.0.0.1:${await unusedPort()}`
    const udpIn = groundwire(t, `udp-in 0 telem --xsub ${url}`)
    await sendUdp(await listeningPort(udpIn), [Buffer.from('a')])
    // Two signals in a row may be delivered as one; whichever comes after the first was taken ends it.
    const again = setInterval(() => udpIn.kill(signal), 50)
    const { code } = await udpIn.exit.finally(() => clearInterval(again))
    assert.equal(code, expected)
  })
}
