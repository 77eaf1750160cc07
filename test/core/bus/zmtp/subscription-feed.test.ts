import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { SubscriptionChange } from '../../../../src/core/bus/carrier.ts'
import type { Connection } from '../../../../src/core/bus/zmtp/connection.ts'
import { SubscriptionFeed } from '../../../../src/core/bus/zmtp/subscription-feed.ts'

/** A publisher that reads only when the test says, and the subscriptions that it knows. */
class Publisher {
  readonly known = new Set<string>()
  readonly writer = { bytes: 0 }
  bytes = 0
  fault: string | undefined

  subscribe({ prefix, subscribe }: SubscriptionChange): void {
    this.writer.bytes += prefix.length
    this.bytes += prefix.length
    if (subscribe) this.known.add(prefix.toString())
    else this.known.delete(prefix.toString())
  }

  fail(fault: string): void {
    this.fault = fault
  }

  /** Reads until nothing is left to tell. */
  readAll(feed: SubscriptionFeed): void {
    for (let turns = 0; turns < 10_000; turns++) {
      this.writer.bytes = 0
      feed.tell(this.asConnection)
      if (this.writer.bytes === 0) return
    }
    assert.fail('the feed never ends')
  }

  get asConnection(): Connection {
    return this as unknown as Connection
  }
}

const name = (number: number, length: number) => Buffer.from(String(number).padStart(length, '.'))

test('a publisher that does not read is told later, and then only what differs', () => {
  const feed = new SubscriptionFeed(1_000)
  const publisher = new Publisher()
  for (let i = 0; i < 500; i++) feed.change({ prefix: name(i, 1_000), subscribe: true })
  feed.join(publisher.asConnection)
  // Subscriptions that come and go meanwhile do not reach it, however many.
  for (let round = 0; round < 100; round++) {
    for (let i = 1_000; i < 1_100; i++) feed.change({ prefix: name(i, 1_000), subscribe: true })
    for (let i = 1_000; i < 1_100; i++) feed.change({ prefix: name(i, 1_000), subscribe: false })
  }
  assert(publisher.bytes < 70_000, `${publisher.bytes}`)
  publisher.readAll(feed)
  assert.equal(publisher.known.size, 500)
  assert.equal(publisher.bytes, 500 * 1_000)
  assert.equal(publisher.fault, undefined)
})

test('a publisher that reads nothing while all it was told changes again and again is the one that goes', () => {
  const feed = new SubscriptionFeed(100)
  const [still, reading] = [new Publisher(), new Publisher()]
  for (let i = 0; i < 200; i++) feed.change({ prefix: name(i, 200), subscribe: true })
  for (const publisher of [still, reading]) feed.join(publisher.asConnection)
  for (let i = 0; i < 200; i++) {
    still.writer.bytes = 1 << 20
    feed.change({ prefix: name(i, 200), subscribe: false })
    reading.readAll(feed)
  }
  assert.equal(still.fault, 'it does not read its subscriptions')
  assert.equal(reading.fault, undefined)
  assert.equal(reading.known.size, 0)
})

test('no publisher goes as many subscriptions are taken back at once, however many publishers there are', () => {
  const feed = new SubscriptionFeed(100)
  const publishers = Array.from({ length: 50 }, () => new Publisher())
  for (let i = 0; i < 90; i++) feed.change({ prefix: name(i, 20), subscribe: true })
  for (const publisher of publishers) feed.join(publisher.asConnection)
  // None has the time to read in between.
  for (const publisher of publishers) publisher.writer.bytes = 1 << 20
  for (let i = 0; i < 90; i++) feed.change({ prefix: name(i, 20), subscribe: false })
  for (const publisher of publishers) {
    assert.equal(publisher.fault, undefined)
    assert.equal(publisher.known.size, 90)
    publisher.readAll(feed)
    assert.equal(publisher.known.size, 0)
  }
})

test('a cancellation that no publisher needs any more does not count', () => {
  const feed = new SubscriptionFeed(100)
  const [still, reading] = [new Publisher(), new Publisher()]
  for (let i = 0; i < 50; i++) feed.change({ prefix: name(i, 20), subscribe: true })
  for (const publisher of [still, reading]) feed.join(publisher.asConnection)
  still.writer.bytes = 1 << 20
  for (let i = 50; i < 1_000; i++) {
    feed.change({ prefix: name(i, 20), subscribe: true })
    feed.change({ prefix: name(i, 20), subscribe: false })
    reading.readAll(feed)
  }
  feed.change({ prefix: name(7, 20), subscribe: false })
  for (const publisher of [still, reading]) {
    publisher.readAll(feed)
    assert.equal(publisher.fault, undefined)
    assert.equal(publisher.known.size, 49)
  }
  assert.equal(still.bytes, 50 * 20 + 20)
})

test('whatever comes and goes, and whoever reads when: in the end each publisher knows what is asked for', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ prefix: fc.nat(12), subscribe: fc.boolean() }) },
    fc.record({ reads: fc.nat(2) }),
    fc.record({ stops: fc.nat(2) }),
    fc.record({ joins: fc.nat(2) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), steps => {
      const feed = new SubscriptionFeed(1_000)
      const publishers: (Publisher | undefined)[] = []
      const asked = new Set<string>()
      for (const at of steps) {
        if ('prefix' in at) {
          const prefix = name(at.prefix, 30_000)
          feed.change({ prefix, subscribe: at.subscribe })
          if (at.subscribe) asked.add(prefix.toString())
          else asked.delete(prefix.toString())
        } else if ('reads' in at) publishers[at.reads]?.readAll(feed)
        else if ('stops' in at) {
          const publisher = publishers[at.stops]
          if (publisher !== undefined) publisher.writer.bytes = 1 << 20
        } else {
          const publisher = new Publisher()
          publishers[at.joins] = publisher
          feed.join(publisher.asConnection)
        }
      }
      for (const publisher of publishers) {
        publisher?.readAll(feed)
        if (publisher !== undefined) assert.deepEqual([...publisher.known].sort(), [...asked].sort())
      }
    }),
  )
})
