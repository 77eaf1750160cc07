import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { README, readResult, withTables } from '../../bench/readme.ts'

test("the README's figures are those that the bench has written down", () => {
  const readme = readFileSync(README, 'utf8')
  assert.equal(withTables(readme, readResult()), readme)
})
