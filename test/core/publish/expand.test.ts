import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandBytes, expandText } from '../../../src/core/publish/expand.ts'

test('the number and the time are put in, and all else stays as it is', () => {
  assert.equal(expandText('%{n} of %{m}, 100 %, %%{n}', 7), '7 of %{m}, 100 %, %7')
  const [, time = ''] =
    /^at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)$/.exec(expandText('at %{time}', 1)) ?? []
  assert(Math.abs(Date.parse(time) - Date.now()) < 60_000)
})

test('bytes that are no text in any encoding are left alone', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  assert.deepEqual(expandBytes(all, 1), all)
  assert.deepEqual(
    expandBytes(Buffer.concat([all, Buffer.from('%{n}'), all]), 12),
    Buffer.concat([all, Buffer.from('12'), all]),
  )
})
