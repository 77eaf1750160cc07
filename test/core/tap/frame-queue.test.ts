import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FrameQueue } from '../../../src/core/tap/frame-queue.ts'
import { tappedFrame } from '../../helpers/tapped.ts'

const LIMITS = { messages: 7, bytes: 64 }

test('what comes out is what went in, in order, less the oldest of what did not fit', () => {
  const actions = fc.array(fc.oneof(fc.constant('shift' as const), fc.nat(70), fc.constant(0)), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(actions, actions => {
      let dropped = 0
      let pushed = 0
      let shifted = 0
      const queue = new FrameQueue(LIMITS, 'raw', () => dropped++)
      const held: { number: number; size: number }[] = []
      for (const action of actions) {
        if (action === 'shift') {
          const shown = queue.shift()
          const expected = held.shift()
          assert.equal(shown?.number, expected?.number)
          if (expected === undefined || shown === undefined) continue
          shifted += 1
          const { message, number } = shown
          assert.deepEqual([message.topic, message.time], [`t${number}`, BigInt(number)])
          assert.deepEqual(message.frame, Buffer.alloc(expected.size, number))
          continue
        }
        const number = ++pushed
        const before = dropped
        const frame = Buffer.alloc(action, number)
        queue.push({ message: tappedFrame(frame, { topic: `t${number}`, time: BigInt(number) }), number })
        const gone = dropped - before
        if (action > LIMITS.bytes) assert.equal(gone, 1)
        else {
          held.splice(0, gone)
          held.push({ number, size: action })
        }
        assert.equal(queue.length, held.length)
        assert.equal(
          queue.bytes,
          held.reduce((sum, { size }) => sum + size, 0),
        )
        assert(held.length <= LIMITS.messages)
      }
      queue.clear()
      assert.equal(dropped + shifted, pushed)
    }),
  )
})

test('nothing is dropped while it fits: half the bytes always do, whatever the order', () => {
  const queue = new FrameQueue(LIMITS, 'raw', () => assert.fail('dropped'))
  for (let i = 0; i < 1000; i++) {
    queue.push({ message: tappedFrame(Buffer.alloc(1 + (i % 32))), number: i })
    assert.equal(queue.shift()?.number, i)
  }
})

test('a message larger than the queue is dropped, and what is there stays', () => {
  const dropped: string[] = []
  const queue = new FrameQueue(LIMITS, 'raw', topic => dropped.push(topic))
  queue.push({ message: tappedFrame(Buffer.alloc(10), { topic: 'a' }), number: 1 })
  queue.push({ message: tappedFrame(Buffer.alloc(65), { topic: 'b' }), number: 2 })
  queue.push({ message: tappedFrame(Buffer.alloc(64), { topic: 'c' }), number: 3 })
  assert.deepEqual(dropped, ['b', 'a'])
  assert.equal(queue.shift()?.message.topic, 'c')
})
