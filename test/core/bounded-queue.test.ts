import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { BoundedQueue } from '../../src/core/bounded-queue.ts'

interface Item {
  readonly id: number
  readonly size: number
}

test('a queue that is full drops what is oldest, by messages or by bytes, and nothing else', () => {
  const limits = { messages: 5, bytes: 100 }
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 120 }) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    fc.constant('clear' as const),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), actions => {
      const dropped: Item[] = []
      const queue = new BoundedQueue<Item>(limits, item => dropped.push(item))
      // The same, as plainly as it can be said.
      let expected: Item[] = []
      const expectedDrops: Item[] = []
      const bytes = () => expected.reduce((sum, { size }) => sum + size, 0)
      for (const [id, action] of actions.entries()) {
        if (action === 'shift') {
          assert.deepEqual(queue.peek(), expected[0])
          assert.deepEqual(queue.shift(), expected.shift())
        } else if (action === 'clear') {
          assert.deepEqual(queue.clear(), expected)
          expected = []
        } else {
          const item = { id, size: action }
          queue.push(item)
          if (action > limits.bytes) expectedDrops.push(item)
          else {
            expected.push(item)
            while (expected.length > limits.messages || bytes() > limits.bytes)
              expectedDrops.push(...expected.splice(0, 1))
          }
        }
        assert.equal(queue.length, expected.length)
        assert.equal(queue.bytes, bytes())
        assert.equal(queue.fill, Math.max(expected.length / 5, bytes() / 100))
        assert.deepEqual(dropped, expectedDrops)
      }
    }),
  )
})

test('what is put back stands first again, and a long queue keeps its order', () => {
  const queue = new BoundedQueue<Item>({ messages: 10_000, bytes: 10_000 }, () => assert.fail())
  for (let id = 0; id < 5_000; id++) queue.push({ id, size: 1 })
  for (let id = 0; id < 4_000; id++) assert.equal(queue.shift()?.id, id)
  queue.unshift({ id: 3_999, size: 1 })
  for (let id = 3_999; id < 5_000; id++) assert.equal(queue.shift()?.id, id)
  assert.equal(queue.shift(), undefined)
  assert.equal(queue.bytes, 0)
  queue.unshift({ id: 1, size: 1 })
  assert.equal(queue.peek()?.id, 1)
})
