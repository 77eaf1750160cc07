import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { PortOutputClient } from '../../../src/core/client/port-output-client.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { ZMQClient } from '../../../src/core/client/zmq-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { UsageError } from '../../../src/core/errors.ts'
import type { Loss } from '../../../src/core/ledger.ts'
import { Simulator } from '../../../src/core/simulator.ts'
import { startBroker, started } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { busAt, hear } from '../../helpers/local-bus.ts'
import { receiveUdp, sendUdp, unusedPort } from '../../helpers/udp.ts'

/** A class as seen by a program without types. */
type Untyped = new (options: never) => unknown

const onMessage = () => {}
const SIMULATED = { rate: 1, apid: 1, size: 64 }

/** Malformed options, and the message for each. */
const REFUSED: readonly [role: Untyped, options: unknown, message: string | RegExp][] = [
  [
    PortInputClient,
    undefined,
    'input is missing: it is a port, HOST:PORT, { host, port } or a list of one of these',
  ],
  [PortInputClient, {}, /^input is missing/],
  [PortInputClient, { input: 'telem' }, /^input: 'telem' is not of the form PORT, HOST:PORT or \[V6\]:PORT/],
  [PortInputClient, { input: 65_536 }, /^input: '65536' is not of the form/],
  [PortInputClient, { input: 1.5 }, /^input: '1.5' is not of the form/],
  [PortInputClient, { input: [] }, /^input: \[\] is not a port/],
  [PortInputClient, { input: [3076, 3077] }, /^input: \[ 3076, 3077 \] is not a port/],
  [PortInputClient, { input: ['telem'] }, /^input\[0\]: 'telem' is not of the form/],
  [PortInputClient, { input: { host: 'a' } }, /^input: { host: 'a' } is not a port/],
  [PortInputClient, { input: { host: 'a', port: -1 } }, /^input: 'a:-1' is not of the form/],
  [PortInputClient, { input: null }, /^input: null is not a port/],
  [PortInputClient, { input: 0, receiveBuffer: 0 }, 'receiveBuffer: 0 is not a whole number of at least 1'],
  [PortOutputClient, {}, 'output is missing: it is a port, HOST:PORT, { host, port } or a list of these'],
  [PortOutputClient, { output: 0 }, /^output: '127.0.0.1:0' is not of the form HOST:PORT/],
  [PortOutputClient, { output: 'a host:1' }, /^output: 'a host:1' is not of the form/],
  [PortOutputClient, { output: [1, 'b'] }, /^output\[1\]: 'b' is not of the form/],
  [PortOutputClient, { output: [] }, /^output: \[\] is not a port/],
  [PortOutputClient, { output: 9, unwrap: 'yes' }, "unwrap: 'yes' is not true or false"],
  [ZMQClient, { xsub: 'localhost:5559' }, /^xsub: 'localhost:5559' is not of the form tcp:\/\/HOST:PORT/],
  [ZMQClient, { xsub: 5559 }, /^xsub: 5559 is not a URL/],
  [ZMQClient, { name: '' }, /^name: '' is not a topic/],
  [ZMQClient, { name: 7 }, /^name: 7 is not a topic: text of at most 1024 bytes in UTF-8$/],
  [ZMQClient, { name: 'é'.repeat(513) }, /^name: 'é+… is not a topic/],
  [ZMQClient, { carrier: 'zmq' }, "carrier: 'zmq' is not 'zmtp' or 'libzmq'"],
  [ZMQClient, { encoding: 'pickle' }, "encoding: 'pickle' is not 'msgpack' or 'raw'"],
  [ZMQClient, { maxMessage: '1M' }, "maxMessage: '1M' is not a whole number of at least 1"],
  [ZMQClient, { maxMessage: Number.NaN }, 'maxMessage: NaN is not a whole number of at least 1'],
  [ZMQClient, { queue: 100 }, 'queue: 100 is not { messages, bytes }'],
  [ZMQClient, { queue: { messages: 100 } }, 'queue.bytes: null is not a whole number of at least 1'],
  [ZMQClient, { maxInFlight: -1 }, 'maxInFlight: -1 is not a whole number of at least 1'],
  [ZMQClient, { ledger: {} }, 'ledger is not a Ledger'],
  [ZMQInputClient, { xpub: 'tcp://*' }, /^xpub: 'tcp:\/\/\*' is not of the form/],
  [ZMQInputClient, { topics: 'telem' }, "topics: 'telem' is not a list of topics"],
  [ZMQInputClient, { topics: ['telem', undefined] }, /^topics\[1\]: null is not a topic/],
  [ZMQInputClient, { prefixes: ['x'.repeat(1025)] }, /^prefixes\[0\]: 'x+… is not a topic/],
  [ZMQInputClient, { topics: ['\ud800'] }, /^topics\[0\]: '.' is not a topic/u],
  [ZMQInputClient, { except: 'telem' }, "except: 'telem' is not { topics, prefixes }"],
  [ZMQInputClient, { except: { topics: [7] } }, /^except.topics\[0\]: 7 is not a topic/],
  [ZMQInputClient, { decoding: 'json' }, "decoding: 'json' is not 'auto', 'msgpack', 'pickle' or 'raw'"],
  [Tap, {}, 'onMessage is missing: it is a function'],
  [Tap, { onMessage, accounts: 1 }, 'accounts: 1 is not true or false'],
  [Broker, { xsub: 'tcp://h' }, /^xsub: 'tcp:\/\/h' is not of the form/],
  [Broker, { xpub: [] }, 'xpub: [] is not a URL, or a list of at least one'],
  [Broker, { carrier: 'tcp' }, /^carrier: 'tcp' is not/],
  [Simulator, { ...SIMULATED, to: undefined }, /^to is missing/],
  [Simulator, { ...SIMULATED, to: 9, rate: 0 }, 'rate: 0 is not a number of packets a second'],
  [Simulator, { ...SIMULATED, to: 9, count: 1.5 }, 'count: 1.5 is not a whole number of at least 1'],
]

for (const [role, options, message] of REFUSED) {
  const { name } = role
  const shown = options === undefined ? '' : JSON.stringify(options).slice(0, 60)
  test(`new ${name}(${shown}) names the option, the value and the form`, () => {
    assert.throws(
      () => new role(options as never),
      (error: unknown) => {
        assert(error instanceof UsageError, String(error))
        assert.equal(error.code, 'USAGE')
        if (typeof message === 'string') assert.equal(error.message, message)
        else assert.match(error.message, message)
        return true
      },
    )
  })
}

test('input is whatever names one UDP address, as in an AIT configuration too', async t => {
  const port = await unusedPort()
  const address = { host: '127.0.0.1', port }
  for (const input of [
    port,
    [port],
    String(port),
    `127.0.0.1:${port}`,
    [`127.0.0.1:${port}`],
    address,
    [address],
  ]) {
    const role = new PortInputClient({ xsub: null, input })
    assert.deepEqual(role.address, address, JSON.stringify(input))
  }
  await using role = new PortInputClient({ xsub: null, input: [0] })
  await role.start()
  assert(role.address.port > 0)
  await sendUdp(role.address.port, [Buffer.of(1)])
  t.diagnostic(`listened at port ${role.address.port}`)
})

test('output is whatever names UDP addresses', async t => {
  const bus = await startBroker(t)
  const receiver = await receiveUdp(t)
  const { port } = receiver
  const output = [port, String(port), `127.0.0.1:${port}`, { host: '127.0.0.1', port }]
  for (const one of output) assert.doesNotThrow(() => new PortOutputClient({ xpub: bus.xpub, output: one }))
  const role = await started(t, new PortOutputClient({ xpub: bus.xpub, output }))
  role.publish('to all four')
  role.publish(new Uint8Array([1, 2]).buffer)
  await receiver.atLeast(8)
  assertBalanced(role.ledger)
})

test('a URL with * is this host, as in AIT', () => {
  assert.doesNotThrow(() => new ZMQInputClient({ xsub: 'tcp://*:5559', xpub: 'tcp://*:5560' }))
})

test('without a topic, or with an empty one, a message is published under the name', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'name')
  const role = await started(t, new ZMQClient({ name: 'name', xsub: bus.xsub }))
  await role.heard(undefined, { signal: AbortSignal.timeout(PATIENCE_MS) })
  role.publish(1)
  role.publish(2, undefined)
  role.publish(3, null)
  role.publish(4, '')
  const messages = await heard.atLeast(4)
  assert.deepEqual(
    messages.map(({ topic, decoded }) => [topic, decoded.payload]),
    [1, 2, 3, 4].map(payload => ['name', payload]),
  )
  assert.throws(() => role.publish(5, 6 as unknown as string), {
    code: 'USAGE',
    message: 'topic: 6 is not a text',
  })
  assertBalanced(role.ledger)
})

test('a topic that is too long is malformed, told, and never sent', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub))
  const role = await started(t, new ZMQClient({ name: 'telem', xsub: bus.xsub }))
  await role.heard('telem', { signal: AbortSignal.timeout(PATIENCE_MS) })
  const losses: Loss[] = []
  role.on('loss', loss => losses.push(loss))
  const longest = 'é'.repeat(512)
  role.publish(1, `${longest}x`)
  role.publish(2, '\udc00')
  role.publish(3, longest)
  const [only] = await heard.atLeast(1)
  assert.equal(only?.topic, longest)
  assert.equal(role.ledger.lost('malformed'), 2)
  assert.deepEqual(
    losses.map(({ cause }) => cause),
    ['malformed', 'malformed'],
  )
  assertBalanced(role.ledger)
})
