// The books of any subclass balance, whatever its `process` does. `Ledger` has the equation.
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { PortInputClient } from '../../../src/core/client/port-input-client.ts'
import { PortOutputClient } from '../../../src/core/client/port-output-client.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import { ZMQInputClient } from '../../../src/core/client/zmq-input-client.ts'
import { Condition } from '../../../src/core/condition.ts'
import type { Ledger } from '../../../src/core/ledger.ts'
import type { Payload } from '../../../src/core/wire/payload.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { busAt, hear } from '../../helpers/local-bus.ts'
import { heardPublisher } from '../../helpers/publisher.ts'
import { receiveUdp, sendUdp } from '../../helpers/udp.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })
const MESSAGES = 10

/** A subclass's way with a message, and the books that it ends with. */
interface Way {
  readonly process: (this: ZMQInputClient, message: number, topic: string) => unknown
  readonly books: Readonly<Record<string, number>>
}

const WAYS: Readonly<Record<string, Way>> = {
  'one in, two out': {
    process(message) {
      this.publish(message, 'out')
      this.publish(message, 'out')
    },
    books: { processed: 10, published: 20, sent: 20 },
  },
  'one that drops half': {
    process(message) {
      if (message % 2 === 0) this.publish(message, 'out')
    },
    books: { processed: 10, published: 5, sent: 5 },
  },
  'one that throws after publishing': {
    process(message) {
      this.publish(message, 'out')
      throw new Error('too late')
    },
    books: { processed: 0, published: 10, sent: 10, failed: 10 },
  },
  'one that rejects between two': {
    async process(message) {
      this.publish(message, 'out')
      await nextTurn()
      if (message % 2 === 0) throw new Error('not this one')
      this.publish(message, 'out')
    },
    books: { processed: 5, published: 15, sent: 15, failed: 5 },
  },
  'one with several topics, some of them unheard, too large or too long': {
    process(message) {
      this.publish(message, 'out')
      this.publish(message, 'nobody')
      this.publish(Buffer.alloc(101), 'out')
      this.publish(message, 'é'.repeat(513))
    },
    books: { processed: 10, published: 40, sent: 10, unheard: 10, oversize: 10, malformed: 10 },
  },
  'one that publishes what has no form': {
    process() {
      this.publish((() => {}) as unknown as Payload, 'out')
    },
    books: { processed: 0, published: 0, sent: 0, failed: 10 },
  },
}

/** A subclass that has been through ten messages, and is drained. */
async function run(t: TestContext, process: Way['process']): Promise<Ledger> {
  const bus = await startBroker(t)
  const condition = new Condition()
  let calls = 0
  class Own extends ZMQInputClient {
    override process(message: Payload, topic: string): unknown {
      calls += 1
      condition.notify()
      return process.call(this, message as number, topic)
    }
  }
  const role = await started(t, new Own({ topics: ['in'], ...bus, maxMessage: 100 }))
  await hear(t, busAt(bus.xsub, bus.xpub), 'out')
  await role.heard('out', patience())
  const publisher = await heardPublisher(t, bus, 'in')
  for (let i = 0; i < MESSAGES; i++) publisher.publish(i)
  await condition.until(() => calls === MESSAGES, patience())
  await role.drain(patience())
  assert.equal(publisher.ledger.toJSON().published, MESSAGES)
  assertBalanced(publisher.ledger)
  return role.ledger
}

for (const [name, { process, books }] of Object.entries(WAYS)) {
  test(`the books balance: ${name}`, async t => {
    const ledger = await run(t, process)
    assertBalanced(ledger)
    assert.equal(ledger.balance, 0)
    const { processed, published, received, sent, unheard, lost } = ledger.toJSON()
    const losses = Object.entries(lost).filter(([, messages]) => messages !== 0)
    assert.deepEqual(
      {
        processed,
        published,
        sent: sent.messages,
        ...(unheard > 0 && { unheard }),
        ...Object.fromEntries(losses),
      },
      books,
    )
    assert.equal(received.messages, MESSAGES)
  })
}

test('the books balance: one that publishes from a timer, beside what comes in', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'beat')
  class Beating extends ZMQInputClient {
    #timer: NodeJS.Timeout | undefined
    override async start(): Promise<void> {
      await super.start()
      this.#timer = setInterval(() => this.publish('beat', 'beat'), 1)
    }
    override async close(): Promise<void> {
      clearInterval(this.#timer)
      await super.close()
    }
    override process(): void {}
  }
  const role = await started(t, new Beating({ topics: ['beat'], ...bus }))
  await heard.atLeast(20)
  await role.drain(patience())
  await role.close()
  const { received, processed, published = 0, sent } = role.ledger.toJSON()
  assert(received.messages > 0 && published >= 20)
  assert.equal(processed, received.messages)
  assert.equal(sent.messages + role.ledger.unheard + role.ledger.lost('undeliverable'), published)
  assertBalanced(role.ledger)
})

test('the books balance: datagrams that are handled side by side, and end in any order', async t => {
  const bus = await startBroker(t)
  const heard = await hear(t, busAt(bus.xsub, bus.xpub), 'Side')
  class Side extends PortInputClient {
    override async process(packet: Buffer): Promise<void> {
      for (let turns = packet[0] as number; turns > 0; turns--) await nextTurn()
      if (packet[0] === 3) throw new Error('three')
      this.publish(packet)
      this.publish(packet)
    }
  }
  const role = await started(t, new Side({ input: 0, xsub: bus.xsub }))
  await role.heard('Side', patience())
  await sendUdp(
    role.address.port,
    [5, 4, 3, 2, 1, 0].map(turns => Buffer.of(turns)),
  )
  await heard.atLeast(10)
  await role.drain(patience())
  const { received, processed, published, sent, lost } = role.ledger.toJSON()
  assert.deepEqual([received.messages, processed, published, sent.messages, lost.failed], [6, 5, 10, 10, 1])
  assertBalanced(role.ledger)
})

test('the books balance: an output that sends two datagrams for one message, or none', async t => {
  const bus = await startBroker(t)
  const receiver = await receiveUdp(t)
  class Splitter extends PortOutputClient {
    override process(message: Payload): void {
      if (!(message instanceof Uint8Array)) return
      this.publish(message.subarray(0, 1))
      this.publish(message.subarray(1))
      this.publish(7)
    }
  }
  const role = await started(t, new Splitter({ topics: ['in'], xpub: bus.xpub, output: receiver.port }))
  const publisher = await heardPublisher(t, bus, 'in')
  publisher.publish(Buffer.of(1, 2, 3))
  publisher.publish('nothing to split')
  publisher.publish(Buffer.of(4, 5, 6))
  await receiver.atLeast(4)
  await role.drain(patience())
  const { received, processed, published, sent, lost } = role.ledger.toJSON()
  const figures = [received.messages, processed, published, sent.messages, lost.undeliverable]
  assert.deepEqual(figures, [3, 3, 6, 4, 2])
  assertBalanced(role.ledger)
})

for (const accounts of [false, true]) {
  test(`the books of a tap balance where its handler ${accounts ? 'accounts by itself' : 'does not account'}`, async t => {
    const bus = await startBroker(t)
    const condition = new Condition()
    let seen = 0
    const tap: Tap = new Tap({
      xpub: bus.xpub,
      accounts,
      onMessage: () => {
        if (accounts) tap.ledger.filtered += 1
        seen += 1
        condition.notify()
      },
    })
    await started(t, tap)
    const publisher = await heardPublisher(t, bus, 'telem')
    publisher.publish('x')
    await condition.until(() => seen === 1, patience())
    await tap.drain(patience())
    assertBalanced(tap.ledger)
    assert.equal(tap.ledger.toJSON().processed, accounts ? undefined : 1)
  })
}

test('a handler of a tap that rejects fails its message, and the next one is handled after it', async t => {
  const bus = await startBroker(t)
  const seen: string[] = []
  const condition = new Condition()
  const tap = new Tap({
    xpub: bus.xpub,
    onMessage: async ({ decoded }) => {
      const payload = decoded.payload as string
      seen.push(`begins ${payload}`)
      await nextTurn()
      seen.push(`ends ${payload}`)
      condition.notify()
      if (payload === 'a') throw new Error('not this one')
    },
  })
  await started(t, tap)
  const publisher = await heardPublisher(t, bus, 'telem')
  publisher.publish('a')
  publisher.publish('b')
  await condition.until(() => seen.length === 4, patience())
  await tap.drain(patience())
  assert.deepEqual(seen, ['begins a', 'ends a', 'begins b', 'ends b'])
  const { received, processed, lost } = tap.ledger.toJSON()
  assert.deepEqual([received.messages, processed, lost.failed], [2, 1, 1])
  assertBalanced(tap.ledger)
})
