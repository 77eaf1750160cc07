import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandResult } from '../../../bench/commands/commands.ts'
import { commandsTable } from '../../../bench/commands/commands-table.ts'

const TAP: CommandResult = {
  command: 'tap -f json',
  size: 256,
  target: 50_000,
  rate: 90_000,
  lost: 0,
  messages: 180_000,
  limitedBy: 'bus',
  roles: { tap: { cpuUs: 9.96, peakMiB: 120.4 }, proxy: { cpuUs: 4, peakMiB: 80 } },
}

test('a command has a row with its target, what it carried and what it used', () => {
  const [, , , , row = ''] = commandsTable([TAP]).split('\n')
  const cells = row.split('|').map(cell => cell.trim())
  const expected = ['tap -f json', '256', '50,000/s', '≥ 90,000/s', '0', '10.0 µs', '4.0 µs', '', '120 MiB']
  assert.deepEqual(cells.slice(1, -1), expected)
})

test('a target that was missed, and messages that did not arrive, are said', () => {
  const table = commandsTable([{ ...TAP, rate: 40_000, lost: 1234, limitedBy: null }])
  assert.match(table, /\| +40,000\/s \(missed\) \| +1,234 of 180,000 \|/)
})
