import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, microseconds } from '../../../src/core/format/figures.ts'
import { markdownTable, textTable } from '../../../src/core/format/table.ts'

const ROWS = [
  ['name', 'n', 'unit'],
  ['a', '1,000', 'm'],
]

test('tables are aligned, in text and in Markdown: words on the left, figures on the right', () => {
  assert.equal(textTable(ROWS), 'name      n  unit\na     1,000     m\n')
  assert.equal(textTable(ROWS, { words: [0, 2] }), 'name      n  unit\na     1,000  m\n')
  assert.equal(
    markdownTable(ROWS, { words: [0, 2] }),
    '| name |     n | unit |\n| ---- | ----: | ---- |\n| a    | 1,000 | m    |\n',
  )
  assert.equal(textTable([]), '')
})

test('a character that takes two columns of a terminal counts as two', () => {
  const rows = [
    ['topic', 'n'],
    ['テレメ', '1'],
    ['e\u0301', '22'],
  ]
  assert.equal(textTable(rows), 'topic    n\nテレメ   1\ne\u0301       22\n')
})

test('a row may be shorter than the others', () => {
  assert.equal(textTable([['a', 'b'], ['c']]), 'a  b\nc\n')
})

test('figures are written as people read them', () => {
  assert.deepEqual([0, 999, 1000, 1234567, 1999.6].map(grouped), ['0', '999', '1,000', '1,234,567', '2,000'])
  assert.deepEqual([85.2, 1300, 250_000, 2e6].map(microseconds), ['85 µs', '1.3 ms', '250 ms', '2.0 s'])
})
