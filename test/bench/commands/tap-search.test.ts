import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchTapRate } from '../../../bench/commands/tap-search.ts'
import type { TapTrial } from '../../../bench/commands/tap-trial.ts'

/** A trial of a tap that can show so many messages per second, on a bus that can take so many. */
function trialOf(rate: number, shows: number, takes: number): TapTrial {
  const offered = Math.min(rate, takes)
  const shown = Math.min(offered, shows)
  const lost: Record<string, number> = shown < offered ? { overflow: offered - shown } : {}
  return { rate, offered, sent: offered, shown, lost, roles: {}, limitedBy: offered < rate ? 'bus' : null }
}

const search = async (shows: number, takes: number) => {
  const tried: number[] = []
  const found = await searchTapRate(
    rate => {
      tried.push(rate)
      return Promise.resolve(trialOf(rate, shows, takes))
    },
    { start: 50_000, limit: 2_000_000, resolution: 0.05 },
  )
  return { tried, ...found }
}

test('the target is tried first, and a tap that shows more of it is given more', async () => {
  const { tried, best, limitedBy } = await search(130_000, 1_000_000)
  assert.deepEqual(tried.slice(0, 2), [50_000, 100_000])
  assert(best !== undefined && best.offered > 120_000 && best.offered <= 130_000)
  assert.equal(limitedBy, null)
})

test('a tap that does not show its target is searched below it', async () => {
  const { best } = await search(30_000, 1_000_000)
  assert(best !== undefined && best.offered > 28_000 && best.offered <= 30_000)
})

test('a bus that takes no more is said to be the limit', async () => {
  const { best, limitedBy } = await search(130_000, 80_000)
  assert.equal(best?.offered, 80_000)
  assert.equal(limitedBy, 'bus')
})

test('a tap that shows nothing whole has no rate', async () => {
  assert.deepEqual((await search(0, 1_000_000)).best, undefined)
})
