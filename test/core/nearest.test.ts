import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { nearest } from '../../src/core/nearest.ts'

const OPTIONS = ['count', 'codec', 'carrier', 'timeout', 'format', 'min-size', 'max-size', 'xpub', 'xsub']

for (const [word, meant] of [
  ['cuont', ['count']],
  ['cont', ['count']],
  ['countt', ['count']],
  ['COUNT', ['count']],
  ['codex', ['codec']],
  ['time', ['timeout']],
  ['formatted', ['format']],
  ['minsize', ['min-size']],
  ['xpbu', ['xpub']],
  ['frobnicate', []],
  ['z', []],
  ['', []],
  ['count', []],
] as const) {
  test(`'${word}' is meant for ${meant.join() || 'none of them'}`, () => {
    assert.deepEqual(nearest(word, OPTIONS), meant)
  })
}

test('the closest come first, and as many as are wanted', () => {
  const topics = ['sat1/telemetry', 'sat1/telem', 'sat2/telem', 'events']
  assert.deepEqual(nearest('sat1/telm', topics, 3), ['sat1/telem', 'sat2/telem'])
  assert.deepEqual(nearest('sat1/telem', topics, 5), ['sat2/telem', 'sat1/telemetry'])
  assert.deepEqual(nearest('sat', ['sat1', 'sat2', 'sat3'], 2), ['sat1', 'sat2'])
})

test('a name that was mistyped once is found', () => {
  const name = fc.string({ minLength: 3, maxLength: 24, unit: fc.constantFrom('a', 'b', 'c', 'd', 'e') })
  fc.assert(
    fc.property(
      name,
      fc.nat(),
      fc.constantFrom('left out', 'doubled', 'changed', 'swapped'),
      (meant, at, how) => {
        const i = at % (meant.length - 1)
        const [before, after] = [meant.slice(0, i), meant.slice(i + 1)]
        const written = {
          'left out': before + after,
          doubled: before + meant[i] + meant.slice(i),
          changed: `${before}x${after}`,
          swapped: before + meant[i + 1] + meant[i] + meant.slice(i + 2),
        }[how]
        fc.pre(written !== meant)
        assert.deepEqual(nearest(written, [meant, 'quite-another-one']), [meant])
      },
    ),
  )
})

test("names that nobody types are left out, so that thousands of a peer's cost little", () => {
  const topics = Array.from({ length: 4_096 }, (_, i) => `${'a'.repeat(1_019)}b${i}`)
  assert.deepEqual(nearest('a'.repeat(1_024), topics, 3), [])
  assert.deepEqual(nearest('aaaa', topics, 3), [])
})
