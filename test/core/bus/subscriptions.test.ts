import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSubscription, Subscriptions } from '../../../src/core/bus/subscriptions.ts'
import { TopicInterest } from '../../../src/core/bus/topic-filter.ts'

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')

const frame = (kind: 0 | 1, prefix: string) => Buffer.concat([Buffer.from([kind]), bytes(prefix)])

const change = (kind: 0 | 1, prefix: string) => {
  const read = parseSubscription(frame(kind, prefix))
  assert(read)
  return read
}

test('a subscription is a prefix of bytes, and holds until it is taken back', () => {
  const wanted = new Subscriptions()
  assert.equal(wanted.wants(bytes('telem')), false)
  wanted.apply(change(1, 'tele'))
  assert.equal(wanted.wants(bytes('telem')), true)
  assert.equal(wanted.wants(bytes('tel')), false)
  wanted.apply(change(0, 'tele'))
  assert.equal(wanted.wants(bytes('telem')), false)
})

test('a subscription to everything counts, unless an exact one is asked for', () => {
  const wanted = new Subscriptions()
  wanted.apply(change(1, ''))
  assert.equal(wanted.wants(bytes('telem')), true)
  assert.equal(wanted.wants(bytes('telem'), { exact: true }), false)
})

test('a frame that does not begin with 0 or 1 is not a subscription', () => {
  for (const other of [Buffer.alloc(0), Buffer.from('telem'), Buffer.from([2])]) {
    assert.equal(parseSubscription(other), undefined)
  }
})

test('a prefix that is longer than a topic may be matches nothing', () => {
  const wanted = new Subscriptions()
  for (const length of [1_024, 1_025]) wanted.apply(change(1, 'x'.repeat(length)))
  assert.equal(wanted.has(bytes('x'.repeat(1_024))), true)
  assert.equal(wanted.has(bytes('x'.repeat(1_025))), false)
  assert.equal([...wanted.prefixes()].length, 1)
})

test('excepted prefixes do not count, and other prefixes of the same topic do', () => {
  const wanted = new Subscriptions()
  wanted.apply(change(1, 't\xe9l'))
  assert.equal(wanted.wants(bytes('t\xe9lem'), { except: new Set(['t\xe9l']) }), false)
  wanted.apply(change(1, 't'))
  assert.equal(wanted.wants(bytes('t\xe9lem'), { except: new Set(['t\xe9l']) }), true)
})

test('a prefix may have bytes that are not UTF-8', () => {
  const wanted = new Subscriptions()
  wanted.apply(change(1, '\xff\xfe'))
  assert.equal(wanted.wants(bytes('\xff\xfe\x00')), true)
})

test('an exact topic is subscribed as a prefix, and matched exactly', () => {
  const interest = new TopicInterest({ topics: ['tele'], prefixes: ['sat1.'] })
  assert.deepEqual([...interest.subscriptions], ['tele', 'sat1.'])
  const wants = (topic: string) => interest.wants(topic)
  assert.equal(wants('tele'), true)
  assert.equal(wants('telemetry'), false)
  assert.equal(wants('sat1.x'), true)
  assert.equal(wants('sat1.'), true)
  assert.equal(wants('sat1'), false)
})

test('an empty selection wants every topic', () => {
  const interest = new TopicInterest({})
  assert.deepEqual([...interest.subscriptions], [''])
  assert.equal(interest.wants('anything'), true)
})

test('the subscription to a removed topic stays while a prefix of the same name is wanted', () => {
  const interest = new TopicInterest({
    topics: ['sat1'],
    prefixes: ['sat1'],
    except: { topics: ['sat12'], prefixes: [] },
  })
  interest.remove({ topics: ['sat1'] })
  assert.deepEqual([...interest.subscriptions], ['sat1'])
  assert.equal(interest.wants('sat11'), true)
  assert.equal(interest.wants('sat12'), false)
  interest.remove({ prefixes: ['sat1'] })
  assert.deepEqual([...interest.subscriptions], [])
  assert.equal(interest.wants('sat1'), false)
  interest.add({ prefixes: [''] })
  assert.equal(interest.wants('sat1'), true)
})

test('a removed topic is remembered as removed, even when it is added again, and others are not', () => {
  const interest = new TopicInterest({ topics: ['a', 'sat1.x'], prefixes: ['sat1.', 'sat2.'] })
  interest.remove({ topics: ['a', 'b', 'sat1.x'], prefixes: ['sat2.'] })
  interest.add({ topics: ['a'] })
  const removed = ['a', 'b', 'sat1.x', 'sat2.x', 'c'].filter(topic => interest.hasRemoved(topic))
  assert.deepEqual(removed, ['a', 'sat2.x'])
})

test('beyond the number of remembered removals every topic counts as removed', () => {
  const interest = new TopicInterest({ topics: ['a'] })
  for (let i = 0; i < 5_000; i++) {
    interest.add({ topics: [`${i}`] })
    interest.remove({ topics: [`${i}`] })
  }
  assert.equal(interest.hasRemoved('a'), true)
})
