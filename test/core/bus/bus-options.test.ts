import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busOf } from '../../../src/core/bus/bus-options.ts'

test('without options the bus is that of this host, with the documented limits', () => {
  assert.deepEqual(busOf({}), {
    xsub: 'tcp://127.0.0.1:5559',
    xpub: 'tcp://127.0.0.1:5560',
    carrier: 'zmtp',
    maxMessage: 1_048_576,
    queue: { messages: 65_536, bytes: 33_554_432 },
    maxInFlight: 1_000,
  })
})

test('an undefined option has its default, and a null xsub means no publishing', () => {
  const none = { xsub: undefined, xpub: undefined, carrier: undefined, maxMessage: undefined }
  assert.deepEqual(busOf({ ...none, queue: undefined, maxInFlight: undefined }), busOf({}))
  assert.equal(busOf({ xsub: null }).xsub, null)
})

test('a queue has room for two messages of the largest size', () => {
  const queue = { messages: 10, bytes: 1_000 }
  assert.deepEqual(busOf({ maxMessage: 100, queue }).queue, queue)
  assert.deepEqual(busOf({ maxMessage: 10_000, queue }).queue, { messages: 10, bytes: 20_000 })
})
