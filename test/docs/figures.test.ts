import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGES, readPage, speedTable, withTables } from '../../bench/readme.ts'
import { readResult } from '../../bench/result.ts'

for (const [page, tables] of Object.entries(PAGES)) {
  test(`${page}: its figures are those that the bench has written down`, () => {
    const text = readPage(page)
    assert.equal(withTables(text, tables(readResult('latest'))), text)
  })
}

test('the table of the README has tuned chains before those as one would write them', () => {
  const [, , ...rows] = speedTable(readResult('latest')).match(/^\|.*\|$/gm) ?? []
  const names = rows.map(row => row.split('|')[1]?.trim() ?? '')
  assert.equal(names[0], 'groundwire')
  const tuned = names.filter(name => name.endsWith(', tuned'))
  assert(tuned.length > 0)
  assert.deepEqual(names.slice(1, 1 + tuned.length), tuned)
})
