import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, middleBy, percent, spread, spreadText } from '../../bench/statistics.ts'

test('the median is the middle value, or the lower of two', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([10, 2, 4, 3]), 3)
  assert.equal(median([]), 0)
})

test('the item with the median figure is found without changing the list', () => {
  const items = [{ us: 9 }, { us: 1 }, { us: 5 }]
  assert.equal(
    middleBy(items, ({ us }) => us),
    items[2],
  )
  assert.deepEqual(items, [{ us: 9 }, { us: 1 }, { us: 5 }])
  assert.equal(
    middleBy([], () => 0),
    undefined,
  )
})

test('the spread is the range as a share of the median', () => {
  assert.equal(spread([90, 100, 120]), 0.3)
  assert.equal(spread([0, 0]), 0)
  assert.equal(spreadText(0.3), '30 %')
})

test('a single value says nothing of a spread', () => {
  assert.equal(spread([7]), null)
  assert.equal(spreadText(null), '')
})

test('a share of less than one is never shown as all', () => {
  assert.equal(percent(1), '100 %')
  assert.equal(percent(0.999_999), '99.9 %')
  assert.equal(percent(0.29), '29 %')
  assert.equal(percent(0.0255), '2.5 %')
})
