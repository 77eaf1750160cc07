import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { SequenceEvent } from '../../../src/core/ccsds/sequence-event.ts'
import { ByteBuilder } from '../../../src/core/format/byte-builder.ts'
import { columnsOf, cutTo } from '../../../src/core/format/columns.ts'
import { lineFormatter, type LineStyle } from '../../../src/core/format/line.ts'
import type { ShownMessage } from '../../../src/core/format/formatter.ts'
import { tapped } from '../../helpers/tapped.ts'

const PACKET = Buffer.concat([Buffer.from('082ac000003900', 'hex'), Buffer.alloc(57, 0xab)])
const GAP: SequenceEvent = { type: 'TM', apid: 42, kind: 'gap', count: 9, expected: 7, missing: 2 }

function styleOf(columns: number | undefined): LineStyle {
  return { time: String, topic: String, note: String, columns: () => columns }
}

function lineOf(shown: Pick<ShownMessage, 'message' | 'finding'>, columns?: number, ccsds = false): string {
  const out = new ByteBuilder()
  lineFormatter(ccsds, Buffer.alloc(0), styleOf(columns)).write({ number: 1, ...shown }, out)
  return Buffer.from(out.view()).toString()
}

for (const columns of [60, 80, 100, 200]) {
  test(`on ${columns} columns a packet takes one row, and as much of its bytes as there is room for`, () => {
    const line = lineOf({ message: tapped(PACKET, { topic: 'telem' }) }, columns)
    const whole = lineOf({ message: tapped(PACKET, { topic: 'telem' }) })
    assert.equal(columnsOf(line), Math.min(columns, '2026-11-22T16:34:12.000000Z telem 64 '.length + 128))
    assert.match(line, /^\S+Z telem 64 082ac0[\da-f]*…?$/)
    assert.match(whole, /^\S+Z telem 64 082ac0[\da-f]{42}…$/)
  })

  test(`on ${columns} columns any message takes one row`, () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }),
        fc.oneof(fc.string({ maxLength: 120, unit: 'grapheme' }), fc.uint8Array({ maxLength: 120 })),
        fc.boolean(),
        (topic, payload, ccsds) => {
          const line = lineOf({ message: tapped(payload, { topic }) }, columns, ccsds)
          assert(columnsOf(line) <= columns, line)
        },
      ),
    )
  })
}

test('what is missing before a packet is told whole, and its header and topic give way', () => {
  const shown = { message: tapped(PACKET, { topic: 'a/topic/with/a/name' }), finding: GAP }
  const whole = lineOf(shown, undefined, true)
  const narrow = lineOf(shown, 90, true)
  assert.match(whole, /\[TM APID 42 count 0 .*; 2 missing before count 9 \(expected 7\)\] 082ac0/)
  assert.match(narrow, /^\S+Z a\/topic\/with\S* 64 \[.*2 missing before count 9 \(expected 7\)\]$/)
  assert.equal(narrow.length, 90)
})

test('columns are those of a terminal: two for East Asian characters and emoji, none for marks', () => {
  assert.deepEqual(
    ['', 'abc', 'é', 'e\u0301', '日本', '🛰', '🚀', '가'].map(columnsOf),
    [0, 3, 1, 1, 4, 2, 2, 2],
  )
  assert.equal(cutTo('日本語', 5), '日本…')
  assert.equal(cutTo('日本語', 4), '日…')
  assert.equal(cutTo('日本語', 6), '日本語')
  assert.equal(cutTo('abc', 1), '…')
  assert.equal(cutTo('abc', 0), '')
})
