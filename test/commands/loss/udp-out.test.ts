import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { localBus } from '../../helpers/local-bus.ts'
import { ledgerOf } from '../../helpers/books.ts'
import { ready } from '../../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../../helpers/ledger.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { receiveUdp, unusedPort } from '../../helpers/udp.ts'

test('a payload that fits no datagram is counted as oversize, and the next message is delivered', async t => {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const receiver = await receiveUdp(t)
  const to = `127.0.0.1:${receiver.port}`
  const udpOut = await ready(t, proxy, `udp-out telem --to ${to} --ledger ${file} --fail-on-loss`)
  await using client = new ZMQClient({ name: 'telem', xsub: proxy.xsub })
  await client.start()
  await client.heard()

  client.publish(Buffer.alloc(65_508))
  client.publish(Buffer.alloc(65_507, 1))
  client.publish(Buffer.from('next'))

  const [largest, next] = await receiver.atLeast(2)
  assert.equal(largest?.length, 65_507)
  assert.equal(next?.toString(), 'next')
  const { code, stderr } = await udpOut.stop()
  assert.deepEqual(lossesOf(closedLedger(file)), { oversize: 1 })
  assert.match(stderr, /lost a message \(oversize\): 65508 bytes, where a datagram holds 65507/)
  assert.equal(code, 6)
})

test('what a closed destination refuses is counted, and all that is sent after it opened arrives', async t => {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const port = await unusedPort()
  const udpOut = await ready(t, proxy, `udp-out telem --to 127.0.0.1:${port} --ledger ${file} --fail-on-loss`)
  await using client = new ZMQClient({ name: 'telem', xsub: proxy.xsub })
  await client.start()
  await client.heard()

  for (let i = 0; i < 100; i++) client.publish(Buffer.from(`early ${i}`))
  // The kernel reports a refusal with the next datagram, or when it is read. By then all of them have been reported.
  await ledgerOf(file, ({ lost }) => lost.undeliverable === 100)

  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  t.after(() => socket.close())
  await once(socket, 'listening')
  const received: string[] = []
  const all = new Promise<void>(resolve => {
    socket.on('message', datagram => {
      received.push(datagram.toString())
      if (received.length === 100) resolve()
    })
  })
  for (let i = 0; i < 100; i++) client.publish(Buffer.from(`late ${i}`))
  await all

  assert.deepEqual(
    received,
    Array.from({ length: 100 }, (_, i) => `late ${i}`),
  )
  const { code } = await udpOut.stop()
  const ledger = closedLedger(file)
  assert.deepEqual(lossesOf(ledger), { undeliverable: 100 })
  assert.deepEqual(ledger['outputs'], { [`127.0.0.1:${port}`]: { sent: 100, undeliverable: 100 } })
  assert.equal(code, 6)
})

test('with two destinations a message is lost once, and each has its own account', async t => {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const receiver = await receiveUdp(t)
  const closed = await unusedPort()
  const to = `--to 127.0.0.1:${receiver.port} --to 127.0.0.1:${closed}`
  const udpOut = await ready(t, proxy, `udp-out telem ${to} --ledger ${file}`)
  await using client = new ZMQClient({ name: 'telem', xsub: proxy.xsub })
  await client.start()
  await client.heard()

  for (let i = 0; i < 10; i++) client.publish(Buffer.from(`${i}`))
  await receiver.atLeast(10)
  await ledgerOf(file, ({ lost }) => lost.undeliverable === 10)

  assert.equal((await udpOut.stop()).code, 0)
  const ledger = closedLedger(file)
  assert.equal(ledger.sent.messages, 0)
  assert.deepEqual(ledger['outputs'], {
    [`127.0.0.1:${receiver.port}`]: { sent: 10, undeliverable: 0 },
    [`127.0.0.1:${closed}`]: { sent: 0, undeliverable: 10 },
  })
})
