import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger, type LedgerRecord } from '../../src/core/ledger.ts'
import type { TopicAccountRecord } from '../../src/core/ledger-sections.ts'
import { type RoleFigures, TOPIC } from './figures.ts'
import { missingAt, missingInGaps } from './missing.ts'
import {
  judgeDelivery,
  judgeEqual,
  judgeIntake,
  judgeLoss,
  judgeReturn,
  judgeRole,
  judgeUnheard,
} from './verdict.ts'

interface Books {
  readonly received?: number
  readonly sent?: number
  readonly unheard?: number
  readonly bus?: number | null
  readonly kernel?: number
  readonly overflow?: number
  /** The state of the account of its topic. */
  readonly state?: TopicAccountRecord['state']
  readonly closed?: boolean
}

function ledger(command: string, { received = 0, sent = received, state, closed = true, ...books }: Books) {
  const { unheard = 0, bus = 0, kernel = 0, overflow = 0 } = books
  const record = new Ledger(command).toJSON()
  const lost = { ...record.lost, kernel, overflow, bus } as LedgerRecord['lost']
  return {
    ...record,
    stopped: closed ? record.started : null,
    received: { messages: received, bytes: 0 },
    sent: { messages: sent, bytes: 0 },
    unheard,
    lost,
    ...(state === undefined
      ? {}
      : { accounting: { [TOPIC]: { state, publishers: 1, announced: 0, lost: 0 } } }),
  }
}

function role(name: string, books: Books, figures: Partial<RoleFigures> = {}): RoleFigures {
  return { name, code: 0, kills: 0, ledgers: [ledger(name, books)], ...figures }
}

test('a role that ends as asked, with books that balance, passes', () => {
  assert.deepEqual(judgeRole(role('tap', { received: 10 })), [])
  assert.deepEqual(judgeRole(role('tap', {}, { code: 6 }), 6), [])
})

test('a role fails that has another exit code, hangs, leaves no closed books, or books that do not balance', () => {
  assert.match(judgeRole(role('tap', {}, { code: 1 })).join(), /tap exits with 1, not 0/)
  assert.match(judgeRole(role('tap', {}, { code: null })).join(), /does not end after SIGTERM/)
  assert.match(judgeRole(role('tap', { closed: false })).join(), /no closed ledger/)
  assert.match(judgeRole(role('tap', {}, { ledgers: [null] })).join(), /no closed ledger/)
  assert.match(judgeRole(role('tap', { received: 10, sent: 8 })).join(), /do not balance: 2 in hand/)
})

test('messages that process handled, and those that it published, are part of the books', () => {
  const books = { ...ledger('tap', { received: 10, sent: 18, unheard: 2 }), processed: 10, published: 20 }
  assert.deepEqual(judgeRole(role('tap', {}, { ledgers: [books] })), [])
  const short = { ...books, processed: 9 }
  assert.match(judgeRole(role('tap', {}, { ledgers: [short] })).join(), /do not balance: 1 in hand/)
})

const claims = (bus: number | null, state: TopicAccountRecord['state'] = 'accounted') =>
  role('tap', { bus, state })
const exactly = (messages: number) => ({ least: messages, most: messages })

test('a receiver passes that says how many it misses', () => {
  assert.deepEqual(judgeLoss({ role: claims(0), missing: exactly(0) }, true), [])
  assert.deepEqual(judgeLoss({ role: claims(12), missing: exactly(12) }, true), [])
  assert.deepEqual(judgeLoss({ role: claims(12), missing: { least: 10, most: 15 } }, true), [])
})

test('a receiver fails that says less or more than it misses, and calls that accounted for', () => {
  for (const exact of [true, false]) {
    assert.match(judgeLoss({ role: claims(0), missing: exactly(5) }, exact).join(), /misses 5, and says 0/)
    assert.match(judgeLoss({ role: claims(4), missing: exactly(5) }, exact).join(), /says 4/)
    assert.match(judgeLoss({ role: claims(6), missing: exactly(5) }, exact).join(), /says 6/)
  }
})

test('a receiver that calls its account inexact passes where it cannot know better, but never with 0', () => {
  for (const state of ['lower bound', 'not accounted', 'unknown'] as const) {
    assert.deepEqual(judgeLoss({ role: claims(4, state), missing: exactly(5) }, false), [])
    assert.deepEqual(judgeLoss({ role: claims(null, state), missing: exactly(5) }, false), [])
    assert.equal(judgeLoss({ role: claims(0, state), missing: exactly(5) }, false).length, 1)
    assert.equal(judgeLoss({ role: claims(6, state), missing: exactly(5) }, false).length, 1)
    assert.equal(judgeLoss({ role: claims(4, state), missing: exactly(5) }, true).length, 1)
    assert.equal(judgeLoss({ role: claims(null, state), missing: exactly(5) }, true).length, 1)
  }
})

test('a receiver hands on all that it says it sent, once and in order', () => {
  const receiver = { role: role('tap', { received: 10 }), missing: exactly(0), handedOn: 10, misplaced: 0 }
  assert.deepEqual(judgeDelivery(receiver), [])
  assert.match(judgeDelivery({ ...receiver, handedOn: 9 }).join(), /sent 10, and 9 arrived/)
  assert.match(judgeDelivery({ ...receiver, misplaced: 1 }).join(), /twice or out of order/)
  const killed = role('tap', { received: 10 }, { kills: 1 })
  assert.deepEqual(judgeDelivery({ ...receiver, role: killed, handedOn: 25 }), [])
})

test('receivers that were cut off together got the same, but for a handful', () => {
  const receivers = [100, 85].map(received => ({ role: role('tap', { received }) }))
  assert.deepEqual(judgeEqual(receivers, 20), [])
  assert.match(judgeEqual(receivers, 10).join(), /15 messages more/)
})

test('the flow has to return in time', () => {
  const receiver = { role: role('tap', {}), missing: exactly(0), handedOn: 0, misplaced: 0 }
  assert.deepEqual(judgeReturn({ ...receiver, backMs: 2_000 }, 6_000), [])
  assert.match(judgeReturn({ ...receiver, backMs: 9_000 }, 6_000).join(), /after 9.0 s, not within 6.0 s/)
  assert.match(judgeReturn(receiver, 6_000).join(), /nothing comes to tap/)
})

test('udp-in accounts for every datagram, unless it was killed', () => {
  assert.deepEqual(judgeIntake(100, role('udp-in', { received: 90, kernel: 10 })), [])
  assert.match(judgeIntake(100, role('udp-in', { received: 90 })).join(), /100 .* accounts for 90/)
  assert.deepEqual(judgeIntake(100, role('udp-in', { received: 40 }, { kills: 1 })), [])
})

test('unheard messages are told, and there are none while receivers wait', () => {
  const udpIn = role('udp-in', { received: 10, sent: 7, unheard: 3 })
  assert.deepEqual(judgeUnheard(udpIn, { told: true, wanted: false }), [])
  assert.match(judgeUnheard(udpIn, { told: false, wanted: false }).join(), /does not tell of 3/)
  assert.match(judgeUnheard(udpIn, { told: true, wanted: true }).join(), /3 are unheard/)
})

test('a receiver misses what udp-in sent and it did not get', () => {
  const upstream = { udpIn: role('udp-in', { received: 90, sent: 80, overflow: 10 }), published: 90 }
  const proxy = role('proxy', { received: 80 })
  assert.deepEqual(missingAt(role('tap', { received: 75 }), { ...upstream, proxy }), exactly(5))
})

test('of a killed udp-in at least is missing what the proxy had, at most all that was published', () => {
  const udpIn = role('udp-in', { received: 30 }, { kills: 1 })
  const upstream = { udpIn, proxy: role('proxy', { received: 80, sent: 76, unheard: 4 }), published: 90 }
  assert.deepEqual(missingAt(role('tap', { received: 75 }), upstream), { least: 1, most: 15 })
})

test('of the gaps in front of a late receiver some may be in the books of udp-in', () => {
  const udpIns = [role('udp-in', { received: 90, sent: 88, overflow: 2, kernel: 3 })]
  assert.deepEqual(missingInGaps(12, udpIns), { least: 7, most: 12 })
  assert.deepEqual(missingInGaps(2, udpIns), { least: 0, most: 2 })
})
