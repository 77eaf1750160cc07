import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ForeignLoad, foreignShare, foreignText, foreignTicks } from '../../bench/foreign-load.ts'

test('a hundred ticks a second are one processor', () => {
  const from = { ticks: 1000, atMs: 5000 }
  assert.equal(foreignShare(from, { ticks: 1100, atMs: 7000 }), 0.5)
  assert.equal(foreignShare(from, { ticks: 990, atMs: 7000 }), 0)
})

test("others are all processes but the bench's own, its descendants, and the kernel's threads", () => {
  const processes = [
    { pid: 1, parent: 0, ticks: 1000 },
    { pid: 2, parent: 0, ticks: 3 },
    { pid: 3, parent: 2, ticks: 13 },
    { pid: 10, parent: 1, ticks: 5 },
    { pid: 20, parent: 10, ticks: 7 },
    { pid: 30, parent: 20, ticks: 11 },
    { pid: 40, parent: 1, ticks: 100 },
  ]
  assert.equal(foreignTicks(processes, 10), 1000 + 100)
  assert.equal(foreignTicks(processes, 20), 1000 + 5 + 100)
})

test('a run beside other load says so', () => {
  assert.match(foreignText({ mean: 0.01, worst: 0.1 }), /^The machine was quiet: .* 1 % .* 10 % at worst\.$/)
  assert.match(foreignText({ mean: 0.3, worst: 0.3 }), /^\*\*The machine was not quiet/)
  assert.match(foreignText({ mean: 0.01, worst: 0.9 }), /^\*\*The machine was not quiet/)
  assert.match(foreignText(null), /not known/)
})

test('a watch tells what it saw where the system does', () => {
  const figures = new ForeignLoad().stop()
  if (process.platform !== 'linux') return assert.equal(figures, undefined)
  assert(figures !== undefined && figures.mean >= 0 && figures.worst === 0)
})
