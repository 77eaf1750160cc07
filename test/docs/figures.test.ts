import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGES, readPage, readResult, speedTable, withTables } from '../../bench/readme.ts'

for (const [page, tables] of Object.entries(PAGES)) {
  test(`${page}: its figures are those that the bench has written down`, () => {
    const text = readPage(page)
    assert.equal(withTables(text, tables(readResult())), text)
  })
}

test('the table of the README has five rows', () => {
  const rows = speedTable(readResult()).match(/^\|.*\|$/gm) ?? []
  assert.equal(rows.length, 2 + 5)
})
