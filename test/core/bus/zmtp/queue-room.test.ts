import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Wait } from '../../../../src/core/bus/flow-message.ts'
import { makeLimits } from '../../../../src/core/bus/limits.ts'
import type { Connection } from '../../../../src/core/bus/zmtp/connection.ts'
import { QueueRoom } from '../../../../src/core/bus/zmtp/queue-room.ts'
import type { QueueOwner } from '../../../../src/core/bus/zmtp/subscriber-queues.ts'
import type { Writer } from '../../../../src/core/bus/zmtp/writer.ts'

const KIB = 1024

/** A subscriber whose queue holds what the test says. */
class Owner implements QueueOwner {
  readonly connection = {} as Connection
  readonly peer: string
  readonly state = { bytes: 0, isClosed: false }
  readonly writer = this.state as unknown as Writer

  constructor(peer: string) {
    this.peer = peer
  }

  onDropped(): void {}
}

/** Room in queues of 400 KiB, a quarter of which is filled, on a clock that the test moves. */
function roomOf(t: TestContext, subscribers = 1) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  t.mock.method(performance, 'now', () => Date.now())
  const limits = makeLimits({ frame: 100 * KIB, queue: 400 * KIB, queues: 3_200 * KIB })
  const room = new QueueRoom(limits, () => subscribers)
  t.after(() => room.close())
  const waits: Wait[] = []
  /** @returns whether the publisher may go on, as it is now */
  const ask = (owners: readonly Owner[], bytes = KIB) => {
    const wait = room.wait(owners, bytes, told => waits.push(told))
    const state = { isOver: wait === undefined }
    void wait?.then(() => {
      state.isOver = true
    })
    return state
  }
  const take = async (owner: Owner, bytes: number) => {
    owner.state.bytes = bytes
    room.progressed(owner)
    await Promise.resolve()
  }
  return { room, waits, ask, take }
}

test('a publisher waits while a queue is filled to its mark, and goes on once it has emptied to half of that', async t => {
  const { ask, take } = roomOf(t)
  const [quick, slow] = [new Owner('quick'), new Owner('slow')]
  slow.state.bytes = 99 * KIB
  assert.equal(ask([quick, slow]).isOver, true)
  assert.equal(ask([quick, slow], KIB + 1).isOver, false)
  slow.state.bytes = 100 * KIB
  const [first, second] = [ask([quick, slow]), ask([slow])]
  assert.deepEqual([first.isOver, second.isOver], [false, false])
  await take(slow, 51 * KIB)
  await take(quick, 0)
  assert.deepEqual([first.isOver, second.isOver], [false, false])
  await take(slow, 50 * KIB)
  assert.deepEqual([first.isOver, second.isOver], [true, true])
})

test('an empty queue has room for a message of any size', t => {
  const { ask } = roomOf(t)
  const owner = new Owner('a')
  assert.equal(ask([owner], 10_000 * KIB).isOver, true)
  owner.state.bytes = 1
  assert.equal(ask([owner], 10_000 * KIB).isOver, false)
})

test('many subscribers share a quarter of what all queues may hold', t => {
  // 3,200 KiB by 32 subscribers: 25 KiB each.
  const { ask } = roomOf(t, 32)
  const owner = new Owner('a')
  owner.state.bytes = 24 * KIB
  assert.equal(ask([owner]).isOver, true)
  assert.equal(ask([owner], KIB + 1).isOver, false)
})

test('a wait ends with its subscriber, and with the proxy', async t => {
  const { room, ask } = roomOf(t)
  const [a, b] = [new Owner('a'), new Owner('b')]
  for (const { state } of [a, b]) state.bytes = 200 * KIB
  const [forA, forB] = [ask([a]), ask([b])]
  room.leave(a)
  await Promise.resolve()
  assert.deepEqual([forA.isOver, forB.isOver], [true, false])
  room.close()
  await Promise.resolve()
  assert.equal(forB.isOver, true)
})

test('a publisher is told each second for which subscriber it waits, and since when that has taken nothing', async t => {
  const { ask, take, waits } = roomOf(t)
  const owner = new Owner('slow')
  owner.state.bytes = 200 * KIB
  ask([owner])
  for (let second = 0; second < 2; second++) t.mock.timers.tick(1_000)
  await take(owner, 150 * KIB)
  t.mock.timers.tick(1_000)
  const told = { peer: 'slow', isPassedOver: false }
  assert.deepEqual(waits, [
    { ...told, bytes: 200 * KIB, idleMs: 1_000 },
    { ...told, bytes: 200 * KIB, idleMs: 2_000 },
    { ...told, bytes: 150 * KIB, idleMs: 1_000 },
  ])
})

test('a subscriber that takes too little for 30 s is passed over until it has taken what waits', async t => {
  const { ask, take, waits } = roomOf(t)
  const owner = new Owner('slow')
  owner.state.bytes = 200 * KIB
  const wait = ask([owner])
  for (let second = 0; second < 29; second++) {
    t.mock.timers.tick(1_000)
    await take(owner, (199 - second) * KIB)
  }
  assert.equal(wait.isOver, false)
  t.mock.timers.tick(1_000)
  await Promise.resolve()
  assert.equal(wait.isOver, true)
  const passedOver = waits.map(({ isPassedOver }) => isPassedOver)
  assert.deepEqual(passedOver, [...Array.from({ length: 29 }, () => false), true])
  assert.equal(ask([owner]).isOver, true)
  await take(owner, 150 * KIB)
  assert.equal(ask([owner]).isOver, true)
  await take(owner, 10 * KIB)
  owner.state.bytes = 200 * KIB
  assert.equal(ask([owner]).isOver, false)
})

test('each wait has its own time', async t => {
  const { ask, take, waits } = roomOf(t)
  const owner = new Owner('slow')
  for (let round = 0; round < 3; round++) {
    owner.state.bytes = 100 * KIB
    const wait = ask([owner])
    for (let second = 0; second < 29; second++) t.mock.timers.tick(1_000)
    assert.equal(wait.isOver, false)
    await take(owner, 50 * KIB)
    assert.equal(wait.isOver, true)
  }
  assert(waits.every(({ isPassedOver }) => !isPassedOver))
})
