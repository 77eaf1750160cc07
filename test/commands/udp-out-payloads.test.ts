import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ZMQClient } from '../../src/core/client/zmq-client.ts'
import { DateTime } from '../../src/core/wire/datetime.ts'
import { type PayloadInput, Tuple } from '../../src/core/wire/payload.ts'
import { localBus } from '../helpers/local-bus.ts'
import { ready } from '../helpers/groundwire.ts'
import { closedLedger, lossesOf } from '../helpers/ledger.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { receiveUdp } from '../helpers/udp.ts'

/** Publishes payloads, and then bytes. Returns the output of `udp-out`, its ledger and its messages. */
async function deliver(t: TestContext, options: string, payloads: readonly PayloadInput[]) {
  const proxy = await localBus(t)
  const file = temporaryFolder(t).path('ledger.json')
  const receiver = await receiveUdp(t)
  const to = `127.0.0.1:${receiver.port}`
  const udpOut = await ready(t, proxy, `udp-out telem --to ${to} --ledger ${file} ${options}`.trim())
  const encoding = options.includes('pickle') ? 'raw' : 'msgpack'
  await using client = new ZMQClient({ name: 'telem', xsub: proxy.xsub, encoding })
  await client.start()
  await client.heard()
  for (const payload of payloads) client.publish(payload)
  client.publish(Buffer.from('the last'))
  await receiver.until(datagrams => datagrams.at(-1)?.toString() === 'the last')
  const { code, stderr } = await udpOut.stop()
  assert.equal(code, 0)
  return {
    datagrams: receiver.datagrams.map(String).slice(0, -1),
    losses: lossesOf(closedLedger(file)),
    stderr,
  }
}

const packet = new Tuple([7, Buffer.from('packet')])

test('bytes go out as they are, text as its UTF-8, and any other payload is undeliverable', async t => {
  const others = [
    1,
    1.5,
    null,
    true,
    [Buffer.from('x')],
    { a: 1 },
    new DateTime('2026-01-02T03:04:05.000006'),
  ]
  const { datagrams, losses } = await deliver(t, '', [Buffer.from('bytes'), 'tëxt', ...others])
  assert.deepEqual(datagrams, ['bytes', 'tëxt'])
  assert.deepEqual(losses, { undeliverable: others.length })
})

test('a (uid, bytes) tuple is undeliverable, and the first one says what to do about it', async t => {
  const { datagrams, losses, stderr } = await deliver(t, '', [packet, packet])
  assert.deepEqual(datagrams, [])
  assert.deepEqual(losses, { undeliverable: 2 })
  assert.match(stderr, /lost a message \(undeliverable\): a \(uid, bytes\) tuple\n/)
  const hints = stderr.match(/some payloads are \(uid, bytes\) tuples: --unwrap sends their bytes\n/g)
  assert.equal(hints?.length, 1, stderr)
})

test('--unwrap sends the bytes of such a tuple, and bytes that are in none as before', async t => {
  const { datagrams, losses } = await deliver(t, '--unwrap', [
    packet,
    Buffer.from('bytes'),
    new Tuple([1, 2]),
  ])
  assert.deepEqual(datagrams, ['packet', 'bytes'])
  assert.deepEqual(losses, { undeliverable: 1 })
})

test('--codec pickle reads an AIT 2 bus, and what is no pickle is bytes', async t => {
  // pickle.dumps(b"packet", 4)
  const pickled = Buffer.from('8004950a0000000000000043067061636b6574942e', 'hex')
  const hostile = Buffer.from('cos\nsystem\n(S"true"\ntR.')
  const { datagrams, losses } = await deliver(t, '--codec pickle', [pickled, hostile])
  assert.deepEqual(datagrams, ['packet', hostile.toString()])
  assert.deepEqual(losses, {})
})
