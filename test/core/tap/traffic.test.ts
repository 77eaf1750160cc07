import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Traffic } from '../../../src/core/tap/traffic.ts'

const SECOND = 1_000

function traffic(...times: readonly number[]): Traffic {
  const traffic = new Traffic()
  for (const seconds of times) traffic.observe(seconds * SECOND, 10)
  return traffic
}

test('a rate is that of the messages after the first', () => {
  assert.equal(traffic().rate(), 0)
  assert.equal(traffic(5).rate(), 0)
  assert.equal(traffic(5, 5.5).rate(), 2)
  assert.equal(traffic(0, 0.1, 0.2, 1).rate(), 3)
})

test('a silence at the end lowers the rate only as far as it is longer than the mean interval', () => {
  const steady = traffic(0, 0.1, 0.2, 0.3, 0.4, 0.5)
  assert.equal(steady.rate(0.59 * SECOND).toFixed(6), '10.000000')
  assert.equal(steady.rate(1.1 * SECOND).toFixed(6), '5.000000')
  assert.equal(steady.longestSilence().toFixed(6), '0.100000')
  assert.equal(steady.longestSilence(2 * SECOND).toFixed(6), '1.500000')
})

test('jitter is the standard deviation of the intervals', () => {
  assert.equal(traffic(0, 1).jitter, undefined)
  assert.equal(traffic(0, 1, 2).jitter, 0)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 50 }), intervals => {
      let time = 0
      const times = [0, ...intervals.map(ms => (time += ms))]
      const mean = intervals.reduce((sum, ms) => sum + ms, 0) / intervals.length
      const variance = intervals.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / intervals.length
      const jitter = traffic(...times.map(ms => ms / 1000)).jitter ?? Number.NaN
      assert(Math.abs(jitter * 1000 - Math.sqrt(variance)) < 1e-6)
    }),
  )
})

test('sizes: least, mean and most', () => {
  const { smallest, largest, meanSize } = new Traffic()
  assert.deepEqual([smallest, meanSize, largest], [0, 0, 0])
  const sizes = new Traffic()
  for (const size of [5, 1, 6]) sizes.observe(0, size)
  assert.deepEqual([sizes.smallest, sizes.meanSize, sizes.largest, sizes.bytes], [1, 4, 6, 12])
})
