import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LatencyHistogram } from '../../../src/commands/bench/latency-histogram.ts'

test('a percentile is the value at its rank, to 1 %', () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, fc.constantFrom(1, 50, 90, 99, 99.9, 100), (all, percent) => {
      const histogram = new LatencyHistogram()
      for (const value of all) histogram.record(value)
      const sorted = [...all].sort((a, b) => a - b)
      const exact = sorted[Math.ceil((percent / 100) * all.length) - 1] ?? 0
      const found = histogram.percentile(percent)
      assert(found >= exact && found <= exact * 1.01, `${found} for ${exact}`)
    }),
  )
})

test('figures are in microseconds; reset forgets', () => {
  const histogram = new LatencyHistogram()
  assert.deepEqual(histogram.figures(), { p50: 0, p99: 0, p999: 0, max: 0 })
  for (const ns of [100, 200, 250, 10_000_000_000, -5]) histogram.record(ns)
  assert.equal(histogram.count, 5)
  assert.equal(histogram.figures().p50, 0.2)
  assert.equal(histogram.figures().max, 4_294_967.3)
  histogram.reset()
  assert.equal(histogram.count, 0)
  assert.equal(histogram.figures().max, 0)
})
