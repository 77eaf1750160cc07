import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Broker } from '../../../src/core/bus/broker.ts'
import { CARRIERS } from '../../../src/core/bus/carrier.ts'
import { COMMAND, writeHeader } from '../../../src/core/bus/zmtp/frame.ts'
import { encodeReady, GREETING } from '../../../src/core/bus/zmtp/handshake.ts'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { Loss } from '../../../src/core/ledger.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { sendUdp } from '../../helpers/udp.ts'

const MESSAGES = 100
const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

/** Messages of one byte, their number, and other bytes behind the third of them. */
function burst(between: Buffer = Buffer.alloc(0)): Buffer {
  const all = Array.from({ length: MESSAGES }, (_, number) =>
    Buffer.from([1, 5, ...Buffer.from('telem'), 0, 3, 0xc4, 1, number]),
  )
  return Buffer.concat([...all.slice(0, 3), between, ...all.slice(3)])
}

/** A proxy's side for subscribers that sends a burst in one piece, so that one read has all of it. */
async function burstingProxy(t: TestContext, bytes: Buffer): Promise<string> {
  const ready = encodeReady('XPUB')
  const header = Buffer.alloc(2)
  writeHeader(header, 0, COMMAND, ready.length)
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write(Buffer.concat([GREETING, header, ready]))
    let got = ''
    socket.on('data', chunk => {
      const before = got.includes('SUBSCRIBEtelem')
      got += chunk.toString('latin1')
      if (!before && got.includes('SUBSCRIBEtelem')) socket.write(bytes)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A role whose `process` is the test's, and that is started at a proxy that sends it a burst. */
async function taken(
  t: TestContext,
  process: (role: ZMQInputClient, count: number) => unknown,
  { between, onLoss }: { between?: Buffer; onLoss?: (role: ZMQInputClient) => void } = {},
) {
  const closed = new Condition()
  const seen: Payload[] = []
  const losses: Loss[] = []
  class Ending extends ZMQInputClient {
    override process(message: Payload): unknown {
      seen.push(message)
      return process(this, seen.length)
    }
    override async close(): Promise<void> {
      await super.close()
      closed.notify()
    }
  }
  const role = new Ending({ topics: ['telem'], xsub: null, xpub: await burstingProxy(t, burst(between)) })
  role.on('loss', loss => {
    losses.push(loss)
    onLoss?.(role)
  })
  await started(t, role)
  await closed.until(() => role.ledger.stopped !== undefined, patience())
  return { role, seen, losses }
}

const told = (losses: readonly Loss[]) => losses.reduce((sum, { messages = 1 }) => sum + messages, 0)

test('a role that is closed by its process counts the messages behind the one that did so', async t => {
  const { role, seen, losses } = await taken(t, (itself, count) => {
    if (count === 3) void itself.close()
  })
  assert.equal(seen.length, 3)
  assert.deepEqual([role.ledger.received.messages, role.ledger.processed], [MESSAGES, 3])
  assert.equal(role.ledger.lost('undeliverable'), MESSAGES - 3)
  assert.equal(told(losses), MESSAGES - 3)
  assert(losses.every(({ reason }) => reason === 'still in hand when this role was closed'))
  assertBalanced(role.ledger)
})

test('a process that waits for the close of its own role has handled its message once it returns', async t => {
  const { role, losses } = await taken(t, async (itself, count) => {
    if (count === 3) await itself.close()
  })
  const { signal } = patience()
  while (role.ledger.processed < 3 && !signal.aborted) await nextTurn()
  assert.deepEqual([role.ledger.received.messages, role.ledger.processed], [MESSAGES, 3])
  assert.equal(role.ledger.lost('undeliverable'), MESSAGES - 3)
  assert.equal(told(losses), MESSAGES - 3)
  assertBalanced(role.ledger)
})

test('a process that closes its own role and never returns has lost its message', async t => {
  const { role } = await taken(t, itself => {
    void itself.close()
    return new Promise(() => {})
  })
  assert.deepEqual([role.ledger.received.messages, role.ledger.lost('undeliverable')], [MESSAGES, MESSAGES])
  assertBalanced(role.ledger)
})

test('a role that is closed by a listener counts what came in the same read', async t => {
  const malformed = Buffer.from('\x01\x05telem\x01\x01a\0\x01b', 'latin1')
  const { role } = await taken(t, () => {}, { between: malformed, onLoss: itself => void itself.close() })
  const { received, processed } = role.ledger
  assert.deepEqual([received.messages, processed], [MESSAGES + 1, 3])
  assert.deepEqual([role.ledger.lost('malformed'), role.ledger.lost('undeliverable')], [1, MESSAGES - 3])
  assertBalanced(role.ledger)
})

test('a broker that is closed by a listener counts what came in the same read', async t => {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*', admitAfterMs: 0 })
  t.after(() => broker.close())
  const { xsub } = await broker.start()
  broker.on('loss', () => void broker.close())
  const malformed = Buffer.from('\x01\x05telem\x01\x01a\0\x01b', 'latin1')
  const ready = encodeReady('PUB')
  const header = Buffer.alloc(2)
  writeHeader(header, 0, COMMAND, ready.length)
  const publisher = connect(Number(new URL(xsub[0] ?? '').port), '127.0.0.1')
  t.after(() => publisher.destroy())
  publisher.on('error', () => {})
  publisher.write(Buffer.concat([GREETING, header, ready, burst(malformed)]))
  publisher.resume()
  await once(publisher, 'close')
  assert.equal(broker.ledger.received.messages, MESSAGES + 1)
  assert.deepEqual(
    [broker.ledger.unheard, broker.ledger.lost('malformed'), broker.ledger.lost('undeliverable')],
    [3, 1, MESSAGES - 3],
  )
  assertBalanced(broker.ledger)
})

for (const carrier of CARRIERS) {
  test(`over ${carrier}, a process may wait for the drain of its own role, which hands on the messages behind it`, async t => {
    const bus = await startBroker(t)
    const seen: Payload[] = []
    const losses: Loss[] = []
    const condition = new Condition()
    let isOver = false
    class Last extends ZMQInputClient {
      override async process(message: Payload): Promise<void> {
        seen.push(message)
        if (seen.length !== 3) return nextTurn()
        await this.drain(patience())
        assert.equal(seen.length, MESSAGES)
        await this.close()
        isOver = true
        condition.notify()
      }
    }
    const role = new Last({ topics: ['telem'], xsub: null, xpub: bus.xpub, carrier })
    role.on('loss', loss => losses.push(loss))
    await started(t, role)
    const publisher = await heardPublisher(t, bus, 'telem')
    for (let number = 0; number < MESSAGES; number++) publisher.publish(number)
    await condition.until(() => isOver, patience())
    await nextTurn()
    assert.deepEqual(
      seen,
      Array.from({ length: MESSAGES }, (_, number) => number),
    )
    assert.deepEqual([role.ledger.processed, role.ledger.totalLost, losses], [MESSAGES, 0, []])
    assertBalanced(role.ledger)
  })
}

test('a process of datagrams may wait for the drain of its own role, and for its close', async t => {
  const bus = await startBroker(t)
  const condition = new Condition()
  const ends: string[] = []
  class Last extends PortInputClient {
    override async process(packet: Buffer): Promise<void> {
      if (packet[0] !== 2) return
      await this.drain(patience())
      ends.push('drained')
      await this.close()
      ends.push('closed')
      condition.notify()
    }
  }
  const role = await started(t, new Last({ input: 0, xsub: bus.xsub }))
  await sendUdp(role.address.port, [Buffer.of(1), Buffer.of(2), Buffer.of(3)])
  await condition.until(() => ends.length === 2, patience())
  await nextTurn()
  assert.deepEqual([role.ledger.received.messages, role.ledger.processed], [3, 3])
  assert.equal(role.ledger.totalLost, 0)
  assertBalanced(role.ledger)
})

for (const carrier of CARRIERS) {
  test(`over ${carrier}, a second drain does not end the first one before that has read all that has arrived`, async t => {
    // More than one read takes in.
    const payload = Buffer.alloc(4_000, 'a')
    const header = Buffer.from([
      1,
      5,
      ...Buffer.from('telem'),
      2,
      0,
      0,
      0,
      0,
      0,
      0,
      0x0f,
      0xa3,
      0xc5,
      0x0f,
      0xa0,
    ])
    const one = Buffer.concat([header, payload])
    const xpub = await burstingProxy(t, Buffer.concat(Array.from({ length: MESSAGES }, () => one)))
    const drains: Promise<void>[] = []
    const condition = new Condition()
    class Drained extends ZMQInputClient {
      override process(): void {
        if (drains.length === 2) return
        drains.push(this.drain(patience()))
        condition.notify()
      }
    }
    const role = new Drained({ topics: ['telem'], xsub: null, xpub, carrier })
    await started(t, role)
    await condition.until(() => drains.length === 2, patience())
    await Promise.all(drains)
    await role.close()
    assert.deepEqual([role.ledger.received.messages, role.ledger.processed], [MESSAGES, MESSAGES])
    assertBalanced(role.ledger)
  })
}
