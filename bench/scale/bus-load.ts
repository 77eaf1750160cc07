// The load of peers/bus-load.c without a compiler: the same words and the same answers, over groundwire's own carrier.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as after } from 'node:timers/promises'
import { busOf } from '../../src/core/bus/bus-options.ts'
import type { SubscriberSocket } from '../../src/core/bus/carrier.ts'
import { openPublisherSocket, openSubscriberSocket } from '../../src/core/bus/sockets.ts'
import { Pace } from '../pace.ts'

const REST_MS = 1
const PATIENCE = 1.5
/** Messages that may wait, as many as in C. */
const HIGH_WATER_MARK = 100_000
/** Topics that the changing subscriber asks for at once. */
const HELD = 100
/** Topics whose bytes are kept, so that making them is not most of the load. */
const KEPT = 100_000

const nothing = () => {}
const answer = (report: object) => process.stdout.write(`${JSON.stringify(report)}\n`)
const [, , role = '', url = '', ...counts] = process.argv
const answerTo = role === 'publish' ? await publisher(url) : await subscribers(url, counts.map(Number))
answer({})
for await (const line of createInterface(process.stdin))
  answer(await answerTo(line.split(' ').slice(1).map(Number)))
process.exit()

async function publisher(xsub: string): Promise<(load: readonly number[]) => Promise<object>> {
  const bus = { ...busOf({ xsub, maxInFlight: HIGH_WATER_MARK }), xsub }
  const handlers = {
    onLink: nothing,
    onSubscription: nothing,
    onMessage: nothing,
    onWritable: nothing,
    onRevival: nothing,
  }
  const socket = await openPublisherSocket(bus, handlers)
  const kept = new Map<number, Buffer>()
  let turn = 0
  return async ([size = 0, rate = 1, messages = 0, topics = 1]) => {
    const payload = Buffer.alloc(size, 0x5a)
    const startMs = performance.now()
    const pace = new Pace(rate, startMs)
    const endMs = startMs + (messages / rate) * 1000 * PATIENCE
    let sent = 0
    while (sent < messages && performance.now() < endMs) {
      const due = Math.min(pace.due(performance.now()), messages - sent)
      // Without room it is lost, as over libzmq.
      for (let left = due; left > 0; left--) socket.send(topicOf(turn++ % topics), payload)
      pace.sent(due)
      sent += due
      await after(REST_MS)
    }
    return { sent, tookMs: performance.now() - startMs }
  }

  function topicOf(number: number): Buffer {
    const known = kept.get(number)
    if (known !== undefined) return known
    const topic = Buffer.from(topicName(number))
    if (kept.size < KEPT) kept.set(number, topic)
    return topic
  }
}

async function subscribers(
  xpub: string,
  [count = 0, prefixes = 0, changes = 0]: readonly number[],
): Promise<() => Promise<object>> {
  const bus = busOf({ xpub })
  const arrived = { received: 0, aside: 0 }
  const open = (own: readonly string[], counter: keyof typeof arrived) =>
    openSubscriberSocket(bus, {
      prefixes: own,
      maxFrame: bus.maxMessage,
      onLink: nothing,
      onMessage: () => {
        arrived[counter] += 1
      },
      onNoMessage: nothing,
    })
  for (let index = 0; index < count; index++) {
    const own = Array.from({ length: prefixes }, (_, topic) => topicName(index * prefixes + topic))
    await open(prefixes === 0 ? [''] : own, 'received')
  }
  if (changes > 0) change(await open([], 'aside'), changes, count * prefixes)
  return () => {
    const report = { ...arrived }
    arrived.received = arrived.aside = 0
    return Promise.resolve(report)
  }
}

/** Makes so many changes a second: one topic more, and one less of those asked for some time ago. */
function change(socket: SubscriberSocket, perSecond: number, topics: number): void {
  const startMs = performance.now()
  let changed = 0
  setInterval(() => {
    for (; changed < ((performance.now() - startMs) / 1000) * perSecond; changed++) {
      const number = changed >> 1
      if (changed % 2 === 0) socket.subscribe(topicName(number % topics))
      else if (number >= HELD) socket.unsubscribe(topicName((number - HELD) % topics))
    }
  }, REST_MS)
}

/** Topics of one length: as a prefix, each is that of itself alone. */
function topicName(number: number): string {
  return `tlm.${String(number).padStart(7, '0')}`
}
