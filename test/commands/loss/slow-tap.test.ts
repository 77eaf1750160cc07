import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { connectionOf, ledgerOf, lostOnBus } from '../../helpers/books.ts'
import { BUSES } from '../../helpers/buses.ts'
import { groundwire, ready } from '../../helpers/groundwire.ts'
import { closedLedger } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const MESSAGES = 50_000
/** Bytes per message. All messages together exceed the send queue of one subscriber: 16 MiB at groundwire's proxy. */
const SIZE = 2_000
/** Most messages in transit: half of a plain forwarder's queue. */
const WINDOW = 250

/** The end of an output that grows long. */
function tail(output: Buffer): string {
  return output.subarray(-16).toString()
}

for (const { name, start } of BUSES) {
  test(`of two taps one is stopped, over ${name}: the other misses nothing, and it knows to the message what it missed`, async t => {
    const bus = await start(t)
    if (bus === undefined) return
    const folder = temporaryFolder(t)
    const [quickFile, slowFile] = [folder.path('quick.json'), folder.path('slow.json')]
    const options = ['telem', '-F', '%n\\n', '--delimiter', '', '--fail-on-loss', '--ledger']
    const quick = await ready(t, bus, ['tap', ...options, quickFile])
    const slow = await ready(t, bus, ['tap', ...options, slowFile])
    await using publisher = new ZMQClient({ name: 'telem', xsub: bus.xsub })
    await publisher.start()
    await publisher.heard()

    // The first message shows that the slow tap's subscription has arrived.
    publisher.publish(Buffer.alloc(SIZE))
    await slow.until(({ stdout }) => stdout.length > 0, 'the first message')
    slow.kill('SIGSTOP')
    // Never ahead of the quick tap by more than a plain forwarder's queues hold, so that only the stopped tap is slow.
    for (let sent = 1; sent < MESSAGES; ) {
      for (let i = 0; i < WINDOW && sent < MESSAGES; i++, sent++) publisher.publish(Buffer.alloc(SIZE))
      await quick.until(
        ({ stdout }) => Number(/(\d+)\n$/.exec(tail(stdout))?.[1]) >= sent - WINDOW,
        `message ${sent}`,
      )
    }
    await publisher.drain()
    assert.equal(publisher.ledger.sent.messages, MESSAGES)
    await ledgerOf(quickFile, ledger => ledger.received.messages >= MESSAGES)

    if (name === "groundwire's proxy") {
      const address = await connectionOf(slow, Number(/:(\d+)$/.exec(bus.xpub)?.[1]))
      await bus.run.untilStderr(new RegExp(`the subscriber at ${address} is slow: \\d+ bytes behind`))
    }
    slow.kill('SIGCONT')
    const caughtUp = await ledgerOf(
      slowFile,
      ledger => ledger.received.messages + lostOnBus(ledger) >= MESSAGES,
    )
    // The proxy has counted the same on its side.
    const dropped = `has caught up; ${lostOnBus(caughtUp)} messages were dropped for it`
    if (name === "groundwire's proxy") await bus.run.untilStderr(new RegExp(dropped))

    assert.equal((await quick.stop()).code, 0)
    assert.equal((await slow.stop()).code, 6)
    assert.equal(closedLedger(quickFile).received.messages, MESSAGES)
    const ledger = closedLedger(slowFile)
    assert.equal(ledger.received.messages + lostOnBus(ledger), MESSAGES)
    assert(lostOnBus(ledger) > 0, 'it missed nothing')
  })
}

test('a tap that was stopped knows to the message what it missed of a publisher that has left meanwhile', async t => {
  const folder = temporaryFolder(t)
  const proxy = await localBus(t)
  const file = folder.path('slow.json')
  const slow = await ready(t, proxy, ['tap', 'telem', '-f', 'none', '--ledger', file])
  const line = `${'x'.repeat(SIZE - 1)}\n`
  const lines = folder.write('lines', line.repeat(MESSAGES / 2))
  slow.kill('SIGSTOP')
  const { code, stderr } = await groundwire(t, `publish telem --split lines --rate max --file ${lines}`, {
    env: proxy.env,
  }).exit
  assert.equal(code, 0, stderr)
  slow.kill('SIGCONT')
  await ledgerOf(file, ledger => ledger.received.messages + lostOnBus(ledger) === MESSAGES / 2)
  await slow.stop()
  assert(lostOnBus(closedLedger(file)) > 0, 'it missed nothing')
})
