import assert from 'node:assert/strict'
import { Socket } from 'node:dgram'
import { test, type TestContext } from 'node:test'
import { Condition } from '../../../src/core/condition.ts'
import { type DatagramFault, DatagramOutput, MAX_DATAGRAM } from '../../../src/core/udp/datagram-output.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { receiveUdp } from '../../helpers/udp.ts'

/** An output to a receiver of this process, and the faults that it tells of. */
async function open(t: TestContext) {
  const receiver = await receiveUdp(t)
  const faults: [DatagramFault, number][] = []
  const condition = new Condition()
  const output = new DatagramOutput({ host: '127.0.0.1', port: receiver.port }, (_, fault, size) => {
    faults.push([fault, size])
    condition.notify()
  })
  await output.open()
  t.after(() => output.close())
  const untilFault = () =>
    condition.until(() => faults.length > 0, { signal: AbortSignal.timeout(PATIENCE_MS) })
  return { output, receiver, faults, untilFault }
}

test('a datagram over the limit of IPv4 is undeliverable, and the next one goes', async t => {
  const { output, receiver, faults, untilFault } = await open(t)
  output.send(Buffer.alloc(MAX_DATAGRAM + 1))
  await untilFault()
  assert.deepEqual(faults, [['oversize', MAX_DATAGRAM + 1]])
  assert.deepEqual([output.sent, output.undeliverable], [0, 1])
  output.send(Buffer.from('next'))
  const [next] = await receiver.atLeast(1)
  assert.equal(next?.toString(), 'next')
  assert.equal(output.sent, 1)
})

test('a datagram for which the system has no buffer (ENOBUFS) is counted as overflow', async t => {
  const { output, receiver, faults, untilFault } = await open(t)
  const full = t.mock.method(Socket.prototype, 'send', (_bytes: Uint8Array, done: (error: Error) => void) => {
    setImmediate(done, Object.assign(new Error('send ENOBUFS'), { code: 'ENOBUFS' }))
  })
  output.send(Buffer.alloc(7))
  await untilFault()
  full.mock.restore()
  assert.deepEqual(faults, [['overflow', 7]])
  assert.deepEqual([output.sent, output.undeliverable, output.settled], [0, 1, true])
  output.send(Buffer.from('next'))
  await receiver.atLeast(1)
})

test('an output has no room while the system holds half of its queue back, and again once it has taken most', async t => {
  const { output } = await open(t)
  const outcomes: ((error: Error | null) => void)[] = []
  t.mock.method(Socket.prototype, 'send', (_bytes: Uint8Array, done: (error: Error | null) => void) => {
    outcomes.push(done)
  })
  const datagram = Buffer.alloc(32 * 1024)
  // Half of 8 MiB.
  for (let i = 0; i < 128; i++) {
    assert.equal(output.room(), undefined)
    output.send(datagram)
  }
  let hasRoom = false
  const room = output.room()?.then(() => {
    hasRoom = true
  })
  for (const done of outcomes.splice(0, 63)) done(null)
  await Promise.resolve()
  assert.equal(hasRoom, false)
  outcomes.shift()?.(null)
  await room
  assert.equal(hasRoom, true)
})

test('an output that is closed holds nobody up', async t => {
  const { output } = await open(t)
  t.mock.method(Socket.prototype, 'send', () => {})
  for (let i = 0; i < 200; i++) output.send(Buffer.alloc(32 * 1024))
  const room = output.room()
  assert(room !== undefined)
  output.close()
  await room
  assert.equal(output.room(), undefined)
})
