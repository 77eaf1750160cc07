import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishLoad } from '../../../bench/commands/bus-generator.ts'
import { Tap } from '../../../src/core/client/tap.ts'
import type { TappedMessage } from '../../../src/core/tap/message.ts'
import { Condition } from '../../../src/core/condition.ts'
import { started, startBroker } from '../../helpers/broker.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'

test('a load is published whole, once somebody listens, with payloads of its size', async t => {
  const { xsub, xpub } = await startBroker(t)
  const seen: TappedMessage[] = []
  const condition = new Condition()
  const onMessage = (message: TappedMessage) => {
    seen.push(message)
    condition.notify()
  }
  await started(t, new Tap({ xpub, topics: ['load'], onMessage }))
  const report = await publishLoad({
    xsub,
    topic: 'load',
    size: 100,
    rate: 2000,
    messages: 200,
    patience: 100,
  })
  assert.equal(report.sent, 200)
  assert.equal(report.lost, 0)
  assert(report.tookMs >= report.heldBackMs)
  await condition.until(() => seen.length >= 200, { signal: AbortSignal.timeout(PATIENCE_MS) })
  assert.deepEqual([...new Set(seen.map(({ size }) => size))], [100])
})
