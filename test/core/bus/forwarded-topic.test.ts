import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeCounts, encodeAnnouncement, isUncounted, newId } from '../../../src/core/bus/announcement.ts'
import type { Statement } from '../../../src/core/bus/announcement.ts'
import type { Followers } from '../../../src/core/bus/carrier.ts'
import { ForwardedTopic } from '../../../src/core/bus/forwarded-topic.ts'
import { makeLimits } from '../../../src/core/bus/limits.ts'
import { MESSAGE } from './bus-in-memory.ts'
import { ProxyAccounts } from '../../../src/core/bus/proxy-accounts.ts'

/** Two followers of every topic: one has room, the other has none for its openings. */
class TwoFollowers implements Followers {
  any = true
  hasNew = true
  hasLate = false
  readonly statements: Statement[] = []

  open(statement: Buffer): void {
    if (this.hasNew) this.tell(statement)
    this.hasNew = false
    this.hasLate = true
  }

  tell(statement: Buffer): void {
    const counts = decodeCounts(statement)
    assert(counts?.type === 'statement')
    this.statements.push(counts)
  }

  renew(): void {
    this.hasNew = true
  }
}

function topicOf(accounts: ProxyAccounts, name = 'telem') {
  const followers = new TwoFollowers()
  return { followers, topic: new ForwardedTopic(name, { followers, send: () => 'sent' }, accounts) }
}

function announcement(sent: number) {
  const counts = decodeCounts(encodeAnnouncement(newId(), sent))
  assert(counts?.type === 'announcement')
  return counts
}

const unpinned = { begin: () => {}, end: () => {} }

test('a follower without room for its opening costs no statements to the others', () => {
  const { followers, topic } = topicOf(new ProxyAccounts(makeLimits(), unpinned, () => false))
  const link = {}
  for (let i = 0; i < 20_000; i++) topic.forward(MESSAGE, link)
  // One statement after every 512 messages, and two at first.
  assert(followers.statements.length <= 2 + 20_000 / 512, `${followers.statements.length} statements`)
  const before = followers.statements.length
  topic.state(false)
  assert.equal(followers.statements.length, before + 1)
})

test('followers learn of an account that has no room, and it begins once there is room again', () => {
  const begun = new Set<ForwardedTopic>()
  const limits = makeLimits()
  const on = {
    begin: (topic: ForwardedTopic) => void begun.add(topic),
    end: (topic: ForwardedTopic) => void begun.delete(topic),
  }
  const accounts = new ProxyAccounts(limits, on, () => false)
  const link = {}
  const others = Array.from({ length: 20_000 }, (_, i) => topicOf(accounts, `t${i}`))
  for (const { topic } of others) topic.announce(link, announcement(0))
  assert.equal(begun.size, 16_384)
  assert.deepEqual(limits.accounts.toJSON(), { limit: 16_384, now: 16_384, peak: 16_384, exceeded: 3_616 })
  const { followers, topic } = topicOf(accounts)
  const own = {}
  for (let i = 0; i < 10; i++) topic.forward(MESSAGE, own)
  assert.deepEqual(followers.statements.map(isUncounted), [true])
  for (const left of accounts.leave(link)) left.leave(link)
  accounts.recount()
  assert.deepEqual([begun.size, limits.accounts.now, limits['accounted-publishers'].now], [0, 0, 0])
  topic.forward(MESSAGE, own)
  assert.deepEqual([...begun], [topic])
  assert.equal(followers.statements.at(-1)?.opening, true)
  assert.equal(followers.statements.map(isUncounted).at(-1), false)
})

test('an account with more publishers than fit does not claim an uncertain loss', () => {
  const accounts = new ProxyAccounts(makeLimits(), unpinned, () => false)
  const { followers, topic } = topicOf(accounts)
  const publisher = announcement(0)
  const first = {}
  topic.announce(first, publisher)
  for (let i = 0; i < 800; i++) topic.forward(MESSAGE, {})
  // The publisher is back before the end of its first connection is noticed, and its second one is not kept.
  const second = {}
  for (let i = 0; i < 5; i++) topic.forward(MESSAGE, second)
  assert.equal(topic.leave(first), 0)
  assert.equal(topic.announce(first, { ...publisher, sent: 5 }), 0)
  topic.state(true)
  assert.equal(followers.statements.at(-1)?.silent, true)
})

test('without room for their accounts, the followers of a few topics are told so between two recounts', () => {
  const limits = makeLimits({ accounts: 1 })
  const accounts = new ProxyAccounts(limits, unpinned, () => false)
  topicOf(accounts, 'first').topic.forward(MESSAGE, {})
  const told = () =>
    Array.from({ length: 1_000 }, (_, i) => accounts.refuse(topicOf(accounts, `t${i}`).topic))
  assert.equal(told().filter(Boolean).length, 16)
  accounts.recount()
  assert.equal(told().filter(Boolean).length, 16)
  assert.equal(limits.accounts.toJSON().exceeded, 2_000)
})
