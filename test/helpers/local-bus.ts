import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Broker } from '../../src/core/bus/broker.ts'
import { Tap } from '../../src/core/client/tap.ts'
import type { TappedMessage } from '../../src/core/tap/message.ts'
import { ZMQClient } from '../../src/core/client/zmq-client.ts'
import { Condition } from '../../src/core/condition.ts'
import type { WritableCodec } from '../../src/core/wire/codec.ts'
import type { PayloadInput } from '../../src/core/wire/payload.ts'
import { type Bus, PATIENCE_MS } from './groundwire.ts'
import { keepPublishing } from './publisher.ts'

/** Endpoints of a bus, and the environment that points commands to it. */
export type LocalBus = Omit<Bus, 'run'>

/** Starts a broker in this process on free ports, for tests of its clients. */
export async function localBus(t: TestContext): Promise<LocalBus> {
  const broker = new Broker({ xsub: 'tcp://127.0.0.1:*', xpub: 'tcp://127.0.0.1:*' })
  t.after(() => broker.close())
  const bound = await broker.start()
  return busAt(bound.xsub.join(), bound.xpub.join())
}

export function busAt(xsub: string, xpub: string): LocalBus {
  return { xsub, xpub, env: { GROUNDWIRE_XSUB: xsub, GROUNDWIRE_XPUB: xpub } }
}

/** A message, and its topic. */
export type Sent = readonly [topic: string, payload: PayloadInput]

/** Waits for a subscriber to the first message's topic, and publishes all messages in order. */
export async function send(
  bus: LocalBus,
  messages: readonly Sent[],
  encoding: WritableCodec = 'msgpack',
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const client = new ZMQClient({ xsub: bus.xsub, encoding })
  try {
    await client.start()
    await client.heard(messages[0]?.[0], { signal })
    for (const [topic, payload] of messages) client.publish(payload, topic)
    await client.drain({ signal })
    const { sent, unheard } = client.ledger
    assert.equal(sent.messages + unheard, messages.length)
  } finally {
    await client.close({ linger: PATIENCE_MS })
  }
}

/** Publishes a message every few milliseconds until the test ends. */
export async function keepSending(t: TestContext, bus: LocalBus, topic: string): Promise<void> {
  const client = new ZMQClient({ name: topic, xsub: bus.xsub })
  t.after(() => client.close())
  await client.start()
  keepPublishing(t, client, 'on and on', 10)
}

/** The messages that a subscriber in this process has received. */
export interface Heard {
  readonly messages: readonly TappedMessage[]
  /** Resolves with all messages as soon as there are so many. */
  atLeast(count: number): Promise<readonly TappedMessage[]>
}

/** Subscribes to topics, or to all. */
export async function hear(t: TestContext, bus: LocalBus, ...topics: string[]): Promise<Heard> {
  const messages: TappedMessage[] = []
  const condition = new Condition()
  const tap = new Tap({
    topics,
    xpub: bus.xpub,
    onMessage: message => {
      messages.push(message)
      condition.notify()
    },
  })
  t.after(() => tap.close())
  await tap.start()
  await tap.connected({ signal: AbortSignal.timeout(PATIENCE_MS) })
  return {
    messages,
    async atLeast(count) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      await condition.until(() => messages.length >= count, { signal }).catch(() => {})
      assert(messages.length >= count, `${messages.length} messages have come, and not ${count}`)
      return messages
    },
  }
}
