import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExitCode } from '../../src/commands/shared/exit-code.ts'
import { commands } from '../../src/commands/index.ts'
import { LIMIT_NAMES } from '../../src/core/bus/limits.ts'
import { LOSS_CAUSES } from '../../src/core/ledger.ts'
import { readDocument } from '../helpers/examples.ts'

/** The text of the first cells of all rows of a document's tables. */
function firstCells(document: string): string[] {
  return [...readDocument(document).matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell)
}

test('the cheat sheet has each exit code, and no other', () => {
  const listed = firstCells('docs/cheat-sheet.md').filter(cell => /^\d+$/.test(cell))
  assert.deepEqual(listed.map(Number), Object.values(ExitCode))
})

test('the page of the ledger has each cause of loss', () => {
  const named = new Set(firstCells('docs/ledger.md').map(cell => cell.replaceAll('`', '')))
  // Part of the ledger's form, and not counted by anything yet.
  const reserved = ['refused']
  assert.deepEqual(
    LOSS_CAUSES.filter(cause => !named.has(cause)),
    reserved,
  )
  assert.match(readDocument('docs/ledger.md'), /also has `refused`/)
})

test('the architecture names each limit of the proxy', () => {
  const named = firstCells('docs/architecture.md').join('\n')
  assert.deepEqual(
    LIMIT_NAMES.filter(name => !named.includes(`\`${name}\``)),
    [],
  )
})

test('the README lists each command, but the one that a shell calls', () => {
  const cells = firstCells('README.md')
  const listed = new Set(cells.flatMap(cell => /^`([a-z-]+)(?: .*)?`$/.exec(cell)?.[1] ?? []))
  const names = Object.keys(commands).filter(name => name !== 'completion')
  assert.deepEqual(
    names.filter(name => !listed.has(name)),
    [],
  )
})
