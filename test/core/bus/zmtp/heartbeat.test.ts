import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Heartbeat } from '../../../../src/core/bus/zmtp/heartbeat.ts'

interface Peer {
  /** Data waits that the system has no room for. */
  blocked: boolean
  /** The system's own packets get no answer. */
  unanswered: boolean
}

/** A heartbeat on its own clock, and the second of each of its actions. */
function beating(
  t: TestContext,
  peer: Peer,
  { answers = true, onRevival = () => {} }: { answers?: boolean; onRevival?: (at: number) => void } = {},
) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  const asked: number[] = []
  const silent: number[] = []
  const heartbeat: Heartbeat = new Heartbeat({
    answers,
    isBlocked: () => peer.blocked,
    onBeat: () => asked.push(now),
    // Keep the first time: a mock of setInterval can't be cleared while it is being called.
    onSilence: () => {
      if (silent.length === 0) silent.push(now)
    },
    onRevival: () => onRevival(now),
    isUnanswered: async () => peer.unanswered,
    now: () => now * 1_000,
  })
  t.after(() => heartbeat.stop())
  const run = async (seconds: number, each: (second: number) => void = () => {}) => {
    for (let i = 0; i < seconds; i++) {
      now += 1
      each(now)
      t.mock.timers.tick(1_000)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { heartbeat, asked, silent, run }
}

test('a peer that asks every 5 s by itself and falls silent is gone within 21 s, whatever waits for it', async t => {
  const { heartbeat, silent, run } = beating(t, { blocked: true, unanswered: false })
  await run(31, second => {
    if (second % 5 === 1) {
      heartbeat.heard()
      heartbeat.pinged()
    }
    heartbeat.progressed()
  })
  assert.deepEqual(silent, [])
  await run(21, () => heartbeat.progressed())
  assert.equal(silent.length, 1)
})

test('a peer whose host no longer answers is gone within 21 s, whatever waits for it, and of ZMTP 3.0 too', async t => {
  for (const answers of [true, false]) {
    await t.test(`answers: ${answers}`, async t => {
      const { heartbeat, asked, silent, run } = beating(t, { blocked: true, unanswered: true }, { answers })
      await run(3)
      heartbeat.heard()
      await run(21)
      assert.equal(silent.length, 1)
      assert.deepEqual(asked, [])
    })
  }
})

test('a peer that reads slowly, and asks seldom or not at all, is kept while it reads', async t => {
  const { heartbeat, silent, run } = beating(t, { blocked: true, unanswered: false })
  await run(300, second => {
    if (second % 20 === 0) heartbeat.progressed()
    // Once a minute is too seldom to wait for.
    if (second % 60 === 0) {
      heartbeat.heard()
      heartbeat.pinged()
    }
  })
  assert.deepEqual(silent, [])
  await run(90)
  assert.equal(silent.length, 1)
})

test('this side that does not read hears nothing, and takes nobody for gone', async t => {
  const { heartbeat, silent, run } = beating(t, { blocked: true, unanswered: true })
  heartbeat.pause(true)
  await run(120)
  assert.deepEqual(silent, [])
})

test('what is sent without a pause does not hide that nothing comes back', async t => {
  const peer = { blocked: false, unanswered: false }
  const { heartbeat, asked, silent, run } = beating(t, peer)
  heartbeat.heard()
  // The system's buffer takes data for 12 s, because nothing reports that the other end is gone.
  await run(12)
  assert(asked.length >= 2)
  peer.blocked = true
  peer.unanswered = true
  await run(9)
  assert.equal(silent.length, 1)
})

test('something that comes after a long silence is a revival, and after a short one it is not', async t => {
  const revivals: number[] = []
  const { heartbeat, run } = beating(
    t,
    { blocked: true, unanswered: false },
    { onRevival: at => revivals.push(at) },
  )
  await run(9)
  heartbeat.heard()
  await run(14)
  heartbeat.heard()
  heartbeat.heard()
  assert.deepEqual(revivals, [23])
})
