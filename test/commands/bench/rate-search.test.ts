import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RateSearch } from '../../../src/commands/bench/rate-search.ts'

/** Runs a search against a given capacity, and lists the values tried. */
function run(search: RateSearch, capacity: number, reach = Number.POSITIVE_INFINITY): number[] {
  const tried: number[] = []
  for (let rate = search.next; rate !== undefined && tried.length < 200; rate = search.next) {
    tried.push(rate)
    const achieved = Math.min(rate, reach)
    search.record(achieved <= capacity, achieved)
  }
  return tried
}

test('doubles while it passes, then bisects, and tries twice what fails', () => {
  const search = new RateSearch({ start: 1000, limit: 100_000, resolution: 0.1 })
  assert.deepEqual(run(search, 3100), [1000, 2000, 4000, 4000, 3000, 3500, 3500, 3250, 3250])
  assert.equal(search.best, 3000)
})

test('finds any capacity to its resolution, and never claims more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900_000 }),
      fc.integer({ min: 1, max: 50_000 }),
      (capacity, start) => {
        const search = new RateSearch({ start, limit: 1_000_000, resolution: 0.05 })
        const tried = run(search, capacity)
        assert(tried.length < 100)
        assert(search.best <= capacity)
        assert(search.best * 1.05 >= capacity - 1, `${search.best} of ${capacity}`)
      },
    ),
  )
})

test('is 0 where nothing passes', () => {
  const search = new RateSearch({ start: 1000, limit: 10_000, resolution: 0.05 })
  assert.equal(run(search, 0).at(-1), 1)
  assert.equal(search.best, 0)
})

test('ends where what is offered does not grow any more', () => {
  const search = new RateSearch({ start: 1000, limit: 1_000_000, resolution: 0.05 })
  assert.deepEqual(run(search, 100_000, 3000), [1000, 2000, 4000, 6000, 6000])
  assert.equal(search.best, 3000)
})

test('does not go over its limit', () => {
  const search = new RateSearch({ start: 64, limit: 100, resolution: 0.05 })
  assert.deepEqual(run(search, 1000), [64, 100])
  assert.equal(search.best, 100)
})
