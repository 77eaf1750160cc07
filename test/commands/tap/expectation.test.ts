import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectation } from '../../../src/commands/tap/expectation.ts'
import { writePrimaryHeader } from '../../../src/core/ccsds/space-packet.ts'
import type { TappedMessage } from '../../../src/core/tap/message.ts'
import { TopicSequences } from '../../../src/core/tap/sequences.ts'
import { Traffic } from '../../../src/core/tap/traffic.ts'
import { TIME, tapped } from '../../helpers/tapped.ts'

/** The verdict of a watch of these messages, ten a second, on an expectation. */
function judge(text: string, messages: readonly TappedMessage[], silence = 0): string {
  const expected = expectation(text)
  const traffic = new Traffic()
  const sequences = new TopicSequences()
  for (const message of messages) {
    traffic.observe(message.at, message.size)
    sequences.observe(message)
    expected.observe?.(message)
  }
  const end = silence === 0 ? undefined : traffic.last + silence * 1000
  const { met, saw } = expected.judge({ traffic, sequences, end })
  return met ? 'met' : saw
}

const at = (i: number) => ({ time: TIME + BigInt(i) * 100_000_000n })
const sized = (...sizes: number[]) => sizes.map((size, i) => tapped(Buffer.alloc(size), at(i)))
const packets = (...counts: number[]) =>
  counts.map((sequenceCount, i) => {
    const bytes = Buffer.alloc(10)
    writePrimaryHeader(bytes, { apid: 42, sequenceCount, length: 10 })
    return tapped(bytes, at(i))
  })

const MET: [string, TappedMessage[]][] = [
  ['count>=3', sized(1, 1, 1)],
  ['count = 3', sized(1, 1, 1)],
  ['count 2..3', sized(1, 1, 1)],
  ['count=0', []],
  ['count<0x4', sized(1, 1, 1)],
  ['rate 9..11', sized(1, 1, 1)],
  ['rate<=10.5', sized(1, 1, 1)],
  ['size=164', sized(164, 164)],
  ['size>1K', sized(1025)],
  ['some size=2', sized(1, 2)],
  ['apid=0x2A', packets(0, 1)],
  ['apid 40..42', packets(0, 1)],
  ['payload~0xc000', packets(0, 0)],
  ['some payload~lo', [tapped('hello'), tapped('x')]],
  ['no-gaps', packets(5, 6, 7)],
  ['max-interval<200ms', sized(1, 1)],
]
for (const [text, messages] of MET) test(`${text} is met`, () => assert.equal(judge(text, messages), 'met'))

const UNMET: [string, TappedMessage[], string][] = [
  ['count>=100', sized(1), '1 message'],
  ['count<2', sized(1, 1), '2 messages'],
  ['rate 9..11', sized(1), '0.00 a second, 1 message'],
  ['rate>11', sized(1, 1, 1), '10.00 a second, 3 messages'],
  ['size=164', sized(164, 3, 4), 'it in 1 of 3 messages; the first other: 3 bytes'],
  ['size=164', [], 'no message'],
  ['some size=2', sized(1), 'it in 0 of 1 message; the first other: 1 bytes'],
  ['apid=7', packets(0), 'it in 0 of 1 message; the first other: APID 42'],
  ['apid=7', sized(1), 'it in 0 of 1 message; the first other: no space packet'],
  ['payload~0x0801', [tapped('a\u001b')], 'it in 0 of 1 message; the first other: 611b (a\\x1b)'],
  ['no-gaps', packets(5, 9), '1 gaps with 3 missing in 2 packets'],
  ['no-gaps', sized(1), 'no space packet'],
  ['max-interval<100ms', sized(1, 1), '0.100s'],
  ['max-interval<2s', [], 'no message'],
]
for (const [text, messages, saw] of UNMET) {
  test(`${text} is not met: ${saw}`, () => assert.equal(judge(text, messages), saw))
}

test('a silence at the end counts for the interval, and for the rate', () => {
  assert.equal(judge('max-interval<2s', sized(1, 1), 3), '3.000s')
  assert.equal(judge('rate>9', sized(1, 1, 1), 0.09), 'met')
  assert.equal(judge('rate>9', sized(1, 1, 1), 1.9), '1.00 a second, 3 messages')
})

const NONE = [
  'count',
  'count~3',
  'count>=x',
  'count>=-1',
  'rate 11..9',
  'rate 9..',
  'size=',
  'apid=4096',
  'payload=3',
]
NONE.push(
  '',
  'payload~',
  'payload~0x1',
  'no-gaps=1',
  'max-interval<2d',
  'some count=1',
  'frob=1',
  'count==3',
  '9',
)
for (const text of NONE) {
  test(`'${text}' is no expectation`, () => assert.throws(() => expectation(text), { code: 'USAGE' }))
}
