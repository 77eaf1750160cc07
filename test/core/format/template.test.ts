import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEscapes } from '../../../src/core/format/escapes.ts'
import { compileTemplate } from '../../../src/core/format/template.ts'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import { formatted, TIME, tapped } from '../../helpers/tapped.ts'

function write(template: string, ...messages: ReturnType<typeof tapped>[]) {
  return formatted(compileTemplate(template).formatter, ...messages)
}

test('each field of a template', () => {
  const packet = Buffer.alloc(8)
  writePrimaryHeader(packet, { apid: 42, sequenceCount: 300, length: 8 })
  assert.deepEqual(write('%t %l %x %b %j %T %n %a/%q 100%%', tapped(packet)), [
    'telem 8 002ac12c00010000 ACrBLAABAAA= {"$bytes":"ACrBLAABAAA="} 2026-11-22T12:34:56.789012Z 1 42/300 100%',
  ])
  assert.deepEqual(write('[%s]', tapped('a\tb')), ['[a\\x09b]'])
})

test('a payload that is neither bytes nor text is its frame, and its JSON as text', () => {
  assert.deepEqual(write('%l %x %s %a %q', tapped([1, 'x'])), ['4 9201a178 [1,"x"] - -'])
})

test('%d is the time since the message before, in seconds', () => {
  const times = [0n, 1_500_000_000n, 1_500_001_000n]
  const messages = times.map(after => tapped('', { time: TIME + after }))
  assert.deepEqual(write('%n:%d', ...messages), ['1:0.000000', '2:1.500000', '3:0.000001'])
})

test('escapes are one byte each, and a backslash is written as two', () => {
  assert.deepEqual(write('%t\\n\\t\\0\\xfF\\r\\\\n%t', tapped('')), ['telem\n\t\0\xff\r\\ntelem'])
  assert.equal(parseEscapes('é\\xff').toString('hex'), 'c3a9ff')
})

test('whether a template ends in an escape is known', () => {
  const ends = ['%t', '%t\\n', '\\x00', '\\\\', 'n', '%%', ''].map(text => compileTemplate(text).endsInEscape)
  assert.deepEqual(ends, [false, true, true, true, false, false, false])
})

for (const [template, message] of [
  ['ab%z', /'%z' at character 3 is not one of %t, .* and %%/],
  ['%', /'%' at character 1 /],
  ['%t\\q', /'\\q' at character 3 is not one of \\n/],
  ['%t\\x4', /'\\x4' at character 3 /],
  ['\\', /'\\' at character 1 /],
] as const) {
  test(`the template ${template} is refused with the position`, () => {
    assert.throws(() => compileTemplate(template), { code: 'USAGE', message })
  })
}
