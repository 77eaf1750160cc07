import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ForeignLoad, foreignShare, foreignText, ownTicks } from '../../bench/foreign-load.ts'

test('the processors that others took are what is left of all CPU time', () => {
  const from = { all: 1000, own: 100, atMs: 5000 }
  // A hundred ticks a second: in two seconds one processor has two hundred.
  assert.equal(foreignShare(from, { all: 1300, own: 300, atMs: 7000 }), 0.5)
  assert.equal(foreignShare(from, { all: 1100, own: 210, atMs: 7000 }), 0)
})

test("the bench's own time is that of all its descendants", () => {
  const processes = [
    { pid: 1, parent: 0, ticks: 1000 },
    { pid: 10, parent: 1, ticks: 5 },
    { pid: 20, parent: 10, ticks: 7 },
    { pid: 30, parent: 20, ticks: 11 },
    { pid: 40, parent: 1, ticks: 100 },
  ]
  assert.equal(ownTicks(processes, 10), 5 + 7 + 11)
  assert.equal(ownTicks(processes, 99), 0)
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
