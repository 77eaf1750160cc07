import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decimal,
  duration,
  queueLimits,
  rate,
  size,
  time,
  whole,
} from '../../../../src/commands/shared/command-line/values.ts'
import { UsageError } from '../../../../src/core/errors.ts'

test('a duration is a number with a unit, or of seconds', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['5s', 5_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5', 5_000],
    ['0', 0],
    ['0s', 0],
    ['1.5', 1_500],
    ['.5', 500],
    ['0.25m', 15_000],
    ['1e3', 1_000_000],
    ['1e-1s', 100],
  ] as const) {
    assert.equal(duration(text), ms, text)
  }
  assert.equal(time('1'), 1_000)
})

test('a number may be written with a fraction or an exponent', () => {
  assert.deepEqual(['0', '7', '1.5', '1e9', '1E3', '2.5e-1'].map(decimal), [0, 7, 1.5, 1e9, 1_000, 0.25])
  assert.equal(whole(1)('1e9'), 1e9)
  assert.equal(whole(0)('0x10'), 16)
  assert.equal(rate('1e9'), 1e9)
  assert.equal(rate('0.5'), 0.5)
  assert.equal(size('1e6'), 1e6)
  assert.equal(size('1.5K'), 1_536)
  assert.equal(size('0'), 0)
  assert.deepEqual(queueLimits('1e3,1.5M'), { messages: 1_000, bytes: 1_572_864 })
  assert.equal(queueLimits('10').messages, 10)
  assert.equal(queueLimits('8M').bytes, 8 << 20)
})

for (const [name, read, texts] of [
  [
    'duration',
    duration,
    ['', ' 5', '5 s', '5S', '-5', '+5', '5d', '0x5', 'e3', '1e', 's', 'Infinity', 'NaN', '1e99', '5s\n'],
  ],
  ['time', time, ['0', '0s', '0.0ms']],
  ['size', size, ['', 'K', '1k', '-1', '1e300G', '5B']],
  ['whole number', whole(1), ['0', '1.5', '1e-1', '1e99', '0x', '0x1g', '']],
  ['rate', rate, ['0', '-1', 'mx', '1/s', '']],
  ['queue', queueLimits, ['', ',', '0', '1.5', '5,6', '5M,6', '0,1M', '1,0M', 'soon', '1e-1']],
] as const) {
  test(`what is no ${name} is refused by its text`, () => {
    for (const text of texts) {
      assert.throws(
        () => read(text),
        (error: unknown) => error instanceof UsageError && error.message.startsWith(`'${text}' is not `),
        text,
      )
    }
  })
}
