import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectation } from '../../../src/commands/tap/expectation.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import type { TappedMessage } from '../../../src/core/tap/message.ts'
import { Condition } from '../../../src/core/condition.ts'
import { ByteBuilder } from '../../../src/core/format/byte-builder.ts'
import { compileTemplate } from '../../../src/core/format/template.ts'
import { maxRate } from '../../../src/core/tap/filter.ts'
import { Statistics } from '../../../src/core/tap/statistics.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { localBus, send } from '../../helpers/local-bus.ts'

const HOUR_MS = 3_600_000

test('a wall clock that is set is no interval, no silence, and no rate', async t => {
  const bus = await localBus(t)
  const messages: TappedMessage[] = []
  const statistics = new Statistics()
  const condition = new Condition()
  const tap = new Tap({
    topics: ['telem'],
    xpub: bus.xpub,
    onMessage: message => {
      messages.push(message)
      statistics.observe(message)
      condition.notify()
    },
  })
  t.after(() => tap.close())
  await tap.start()
  await tap.connected()
  // Sets the clock an hour ahead, and back again. It is checked once a second.
  let ahead = 0
  const wall = Date.now
  t.mock.method(Date, 'now', () => wall() + ahead)
  const started = performance.now()
  for (const shift of [0, HOUR_MS, -HOUR_MS]) {
    ahead = shift
    const next = messages.length + 1
    // Until a message shows the clock's time.
    const shown = () =>
      messages.slice(next).some(({ time }) => Math.abs(Number(time) / 1e6 - wall() - shift) < HOUR_MS / 2)
    while (!shown()) {
      await send(bus, [['telem', 'tick']])
      assert(performance.now() - started < PATIENCE_MS)
    }
  }
  const took = (performance.now() - started) / 1000
  const { total } = statistics
  const met = (text: string) =>
    expectation(text).judge({ traffic: total, sequences: undefined, end: performance.now() })
  assert(total.longestInterval >= 0 && total.longestInterval <= took, String(total.longestInterval))
  assert.equal(met(`max-interval<=${Math.ceil(took)}s`).met, true)
  assert(total.rate() >= (messages.length - 1) / took)
  assert((total.jitter ?? Number.NaN) <= took)

  const [template, filter, out] = [compileTemplate('%d\n'), maxRate(1e6), new ByteBuilder()]
  for (const [i, message] of messages.entries()) template.formatter.write({ message, number: i + 1 }, out)
  for (const line of out.view().toString().trim().split('\n'))
    assert(Number(line) >= 0 && Number(line) <= took)
  // A clock that went back would let nothing through for an hour.
  assert(messages.slice(-2).every(message => filter(message)))
})
