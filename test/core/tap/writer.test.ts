import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TappedMessage } from '../../../src/core/tap/message.ts'
import type { Formatter } from '../../../src/core/format/formatter.ts'
import type { Sink } from '../../../src/core/sink/sink.ts'
import { Writer } from '../../../src/core/tap/writer.ts'

const FORMATTER: Formatter = {
  write({ message }, out) {
    out.bytes(message.frame)
    return true
  },
}

function nothing(): void {}

/** A writer on a clock that stands still, and the sizes of its writes. */
function writerOf(t: TestContext): { push: (bytes: number) => void; writer: Writer; writes: number[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  t.mock.method(performance, 'now', () => 1000)
  const writes: number[] = []
  const sink: Sink = {
    name: 'sink',
    room: Number.POSITIVE_INFINITY,
    write: async chunk => void writes.push(chunk.length),
    next: async () => {},
    takeBack: async () => {},
    close: async () => {},
  }
  const options = { sink, formatter: FORMATTER, maxMessage: 1 << 20, decoding: 'raw' } as const
  const writer = new Writer(options, {
    written: nothing,
    dropped: nothing,
    unwritable: nothing,
    failed: nothing,
  })
  let number = 0
  const push = (bytes: number) => {
    number += 1
    writer.write({ message: new TappedMessage(0n, 'x', Buffer.alloc(bytes), 'raw'), number })
  }
  return { push, writer, writes }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

test('a message after a pause is written at once, and those that follow share a write', async t => {
  const { push, writer, writes } = writerOf(t)
  push(10)
  await turns()
  assert.deepEqual(writes, [10])
  push(20)
  await turns()
  push(30)
  await turns()
  assert.deepEqual(writes, [10])
  t.mock.timers.tick(5)
  await writer.drain()
  assert.deepEqual(writes, [10, 50])
})

test('a chunk does not wait for more', async t => {
  const { push, writer, writes } = writerOf(t)
  push(10)
  await turns()
  push(20)
  push(1 << 20)
  await writer.drain()
  assert.deepEqual(writes, [10, 20 + (1 << 20)])
})
