import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { formatterOf } from '../../../src/core/format/formats.ts'
import { WriteError } from '../../../src/core/sink/sink.ts'
import { FilterChain, minSize } from '../../../src/core/tap/filter.ts'
import { Recorder, type RecorderOptions } from '../../../src/core/tap/recorder.ts'
import { PATIENCE_MS } from '../../helpers/groundwire.ts'
import { assertBalanced } from '../../helpers/ledger.ts'
import { type LocalBus, localBus, send } from '../../helpers/local-bus.ts'
import { SlowSink } from '../../helpers/slow-sink.ts'
import { eventually } from '../../helpers/spawned.ts'

const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

async function recorder(
  t: TestContext,
  bus: LocalBus,
  options: Partial<RecorderOptions> = {},
): Promise<{ role: Recorder; sink: SlowSink }> {
  const sink = new SlowSink()
  const role = new Recorder({
    topics: ['x'],
    xpub: bus.xpub,
    watch: {
      filters: new FilterChain([{ name: 'size', takes: minSize(2) }]),
      thinning: new FilterChain([]),
    },
    openSink: async () => sink,
    formatter: formatterOf('text'),
    form: 'text',
    ...options,
  })
  t.after(() => role.close())
  await role.start(patience())
  return { role, sink }
}

const messages = (...texts: readonly string[]) => texts.map(text => ['x', text] as const)

test('it takes as many messages as it was asked for, and has run once these are written', async t => {
  const bus = await localBus(t)
  const { role, sink } = await recorder(t, bus, { count: 2 })
  const running = role.run(patience())
  await send(bus, messages('a', 'ab', 'abc', 'abcd'))
  await eventually(() => sink.isBusy, 'a write')
  assert.deepEqual([role.isComplete, role.ledger.sent.messages], [true, 0])
  sink.open()
  await running
  await role.drain(patience())
  await role.close()
  assert.equal(sink.text, 'ab\nabc\n')
  assert.equal(role.ended, undefined, 'it ended with a message')
  const { received, sent, filtered } = role.ledger
  assert.deepEqual([received.messages, sent, filtered], [3, { messages: 2, bytes: 5 }, 1])
  assertBalanced(role.ledger)
})

test('a run ends with its signal, and what a slow reader has not taken by the end is overflow', async t => {
  const bus = await localBus(t)
  const dropped = new Map<string, number>()
  const { role, sink } = await recorder(t, bus, { dropped })
  await send(bus, messages('first'))
  await eventually(() => sink.isBusy, 'a write')
  await send(bus, messages('second'))
  await eventually(() => role.watch.shown === 2, 'the second message')
  await role.run({ signal: AbortSignal.abort() })
  await role.drain({ signal: AbortSignal.timeout(50) }).catch(() => {})
  await role.close()
  assert.deepEqual([sink.text, sink.isClosed, [...dropped]], ['first\n', true, [['x', 1]]])
  assert.equal(role.ledger.lost('overflow'), 1)
  assert(role.ended !== undefined)
  assertBalanced(role.ledger)
})

test('a sink that fails ends the run, is told once, and what can not be written is undeliverable', async t => {
  const bus = await localBus(t)
  const ends: unknown[] = []
  const { role, sink } = await recorder(t, bus, { onSinkEnd: error => ends.push(error?.message) })
  const running = role.run(patience())
  await send(bus, messages('first'))
  await eventually(() => sink.isBusy, 'a write')
  await send(bus, messages('second'))
  await eventually(() => role.watch.shown === 2, 'the second message')
  sink.fail(new WriteError(Object.assign(new Error('no space'), { code: 'ENOSPC' }), 0), 0)
  await running
  await role.drain(patience())
  await role.close()
  assert.deepEqual(ends, ["sink can't be written: no space"])
  assert.equal(role.ledger.lost('undeliverable'), 2)
  assertBalanced(role.ledger)
})

test('a sink that opens only after the role was closed is closed too', async () => {
  const sink = new SlowSink()
  const opening = new EventEmitter()
  const role = new Recorder({
    xpub: 'tcp://127.0.0.1:1',
    watch: { filters: new FilterChain([]), thinning: new FilterChain([]) },
    openSink: async () => {
      await once(opening, 'open')
      return sink
    },
    formatter: formatterOf('text'),
    form: 'text',
  })
  const starting = role.start()
  await Promise.all([role.close(), assert.rejects(starting, { code: 'CLOSED' })])
  assert.equal(sink.isClosed, false)
  opening.emit('open')
  await eventually(() => sink.isClosed, 'its end')
})
