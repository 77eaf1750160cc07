import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PARTS, partsOf, readResult } from '../../bench/result.ts'

test('parts are chosen by name, in the order that is asked for', () => {
  assert.deepEqual(partsOf(undefined), PARTS)
  assert.deepEqual(partsOf('scale,file'), ['scale', 'file'])
  assert.throws(() => partsOf('speed'), /--only is for chains, cold, scale, file, commands, not 'speed'/)
})

test('a run that is not there has no parts', () => {
  assert.deepEqual(readResult('no-such-run'), {})
})
