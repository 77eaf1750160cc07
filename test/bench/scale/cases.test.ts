import assert from 'node:assert/strict'
import { test } from 'node:test'
import { casesOf, copiesOf, SCALE_CASES } from '../../../bench/scale/cases.ts'

test('cases are chosen by number', () => {
  assert.deepEqual(casesOf(undefined), SCALE_CASES)
  assert.deepEqual(casesOf('2,9'), [SCALE_CASES[1], SCALE_CASES[8]])
  for (const wrong of ['0', '10', 'one', ''])
    assert.throws(() => casesOf(wrong), new RegExp(`from 1 to 9, not '${wrong}'`))
})

test('each message goes to all subscribers of everything, or to the one that asked for its topic', () => {
  const [one, ten] = SCALE_CASES
  assert(one !== undefined && ten !== undefined)
  assert.equal(copiesOf(ten), 10)
  assert.equal(copiesOf({ ...ten, prefixes: 200 }), 1)
  for (const { prefixes, subscribers, topics } of SCALE_CASES)
    if (prefixes > 0) assert.equal(prefixes * subscribers, topics)
})
