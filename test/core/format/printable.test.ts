import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, printableJson } from '../../../src/core/format/printable.ts'

/** Each character that affects a terminal, or the order of a text. */
const ACTIVE = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  0x61c,
  0x200e,
  0x200f,
  ...range(0x2028, 0x202e),
  ...range(0x2066, 0x2069),
].map(code => String.fromCharCode(code))

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

test('active characters are written as escapes, all others as they are', () => {
  assert.equal(printable('a\u001b[31m\u009b\u202e\n\u2028b'), 'a\\x1b[31m\\x9b\\u202e\\x0a\\u2028b')
  for (const character of ACTIVE) assert.match(printable(`<${character}>`), /^<\\(x[\da-f]{2}|u[\da-f]{4})>$/)
  for (const text of ['', 'telem', 'größe', '温度', '🛰️ sat1', '\u00a0', '\u2027\u202f\u2065\u206a'])
    assert.equal(printable(text), text)
})

test('JSON with them is escaped, stays JSON, and keeps its value and its layout', () => {
  const value = { [`key${ACTIVE.join('')}`]: [ACTIVE.join(''), 'größe'] }
  for (const indent of [0, 2]) {
    const text = printableJson(JSON.stringify(value, null, indent))
    assert.deepEqual(JSON.parse(text), value)
    assert.deepEqual(
      ACTIVE.filter(character => text.includes(character)),
      indent === 0 ? [] : ['\n'],
    )
  }
})
