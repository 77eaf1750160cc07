import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../bench/pace.ts'

test('what is due is what the time allows, less what was sent', () => {
  const pace = new Pace(1000, 500)
  assert.equal(pace.due(500), 1)
  pace.sent(1)
  assert.equal(pace.due(500), 0)
  assert.equal(pace.due(503.5), 3)
  pace.sent(2)
  assert.equal(pace.due(503.5), 1)
})

test('a load that was held up for long gives up what is late', () => {
  const pace = new Pace(1000, 0)
  assert.equal(pace.due(9), 10)
  assert.equal(pace.due(100), 1)
  pace.sent(1)
  assert.equal(pace.due(102), 2)
})
